import type { CallOptions } from './call-options.ts';
import type { Meter } from './meter.ts';

/** The greeting, so that it plays the moment the caller is there. With another balance by then it is made anew. */
export function prepareGreeting({ conversation, sentences }: CallOptions, meter: Meter): void {
  conversation.prepare?.([sentences.greeting(meter.remainingSeconds(), meter.expiringSeconds())]);
}

/** What must be heard also when no voice can be had. */
export function prepareForOutages({ conversation, sentences }: CallOptions): void {
  const { apology, areYouThere, goodbyes } = sentences;
  conversation.prepare?.([apology, goodbyes.provider_outage, areYouThere]);
}

import Stripe from 'stripe';
import { differences, type Shape, shapeOf } from './shape.ts';
import type { Made, Step } from './step.ts';
import { STEPS } from './steps.ts';

export interface Played {
  readonly step: Step;
  /** The error code, '' for an error without one, null when the call was done. */
  readonly code: string | null;
  readonly shape: Shape;
  /** The words of an error, without what differs from object to object. */
  readonly words: string;
}

function withoutIds(message: string): string {
  return message.replaceAll(/\b[a-z]{2,6}_[A-Za-z0-9_]{8,}/g, '<id>');
}

async function play(step: Step, stripe: Stripe, made: Made): Promise<Played> {
  try {
    return { step, code: null, shape: shapeOf(await step.run(stripe, made)), words: '' };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const { raw } = error;
    // Which advice Stripe adds for the account differs from key to key.
    const { doc_url: _docUrl, request_log_url: _log, ...shown } = { ...(raw as Record<string, unknown>) };
    const shape = shapeOf({ ...shown, headers: null, statusCode: error.statusCode });
    return { step, code: error.code ?? '', shape, words: withoutIds(error.message) };
  }
}

/** Plays the whole sequence against one server. */
export async function playSteps(stripe: Stripe, steps: readonly Step[] = STEPS): Promise<Played[]> {
  const made: Made = new Map();
  const played: Played[] = [];
  for (const step of steps) played.push(await play(step, stripe, made));
  return played;
}

/** Where the stand-in differs from Stripe, line by line; the words of errors count too. */
export function compare(standIn: readonly Played[], stripe: readonly Played[]): string[] {
  return standIn.flatMap((ours, index) => {
    const theirs = stripe[index];
    if (theirs === undefined) return [`${ours.step.name}: not asked at Stripe`];
    const outcome = (code: string | null) => (code === null ? 'done' : `refused (${code || 'no code'})`);
    const lines = [
      ...(ours.code === theirs.code
        ? []
        : [`${outcome(ours.code)} by the stand-in, ${outcome(theirs.code)} by Stripe`]),
      ...(ours.words === theirs.words ? [] : [`the stand-in says “${ours.words}”, Stripe “${theirs.words}”`]),
      ...differences(ours.shape, theirs.shape),
    ];
    return lines.map((line) => `${ours.step.name}: ${line}`);
  });
}

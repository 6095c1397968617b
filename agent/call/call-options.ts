import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock.ts';
import type { Sentences } from '../sentences/sentences.ts';
import type { Billing } from './billing.ts';
import type { Conversation } from './conversation.ts';
import type { EndReason } from './end-reason.ts';
import type { Line } from './line.ts';

/** What is not given is not done. */
type CallSettings = {
  sliceSeconds: number;
  reconnectGraceSeconds: number;
  /** How long the agent stays, free of charge, to sell more time. */
  deskSeconds?: number;
  /** Silence after which the agent asks whether the caller is there, and after which it says goodbye then. */
  silenceAskSeconds?: number;
  silenceGoodbyeSeconds?: number;
};

export type CallOptions = {
  callId: string;
  line: Line;
  billing: Billing;
  conversation: Conversation;
  clock: Clock;
  logger: Logger;
  settings: CallSettings;
  /** What is said by itself, in the caller's language. */
  sentences: Sentences;
  onRenewalFailed: () => void;
};

/** `chargedSeconds` is undefined when this worker did not write the bill. */
export type CallEnd = { reason: EndReason; usedMs: number; chargedSeconds: number | undefined };

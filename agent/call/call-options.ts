import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock.ts';
import type { Billing } from './billing.ts';
import type { Conversation } from './conversation.ts';
import type { Line } from './line.ts';
import type { StopReason } from './meter.ts';

export type EndReason =
  | StopReason
  | 'caller_hung_up'
  | 'caller_never_came'
  | 'line_lost'
  | 'refused'
  | 'conversation_failed'
  | 'job_shutdown';

type CallSettings = { sliceSeconds: number; reconnectGraceSeconds: number };

export type CallOptions = {
  callId: string;
  line: Line;
  billing: Billing;
  conversation: Conversation;
  clock: Clock;
  logger: Logger;
  settings: CallSettings;
  onRenewalFailed: () => void;
};

/** `chargedSeconds` is undefined when this worker did not write the bill. */
export type CallEnd = { reason: EndReason; usedMs: number; chargedSeconds: number | undefined };

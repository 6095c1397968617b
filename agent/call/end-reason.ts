import type { StopReason } from './meter-options.ts';

/** Why a call ended, as it stands on the receipt. */
export type EndReason =
  | StopReason
  | 'caller_hung_up'
  | 'caller_never_came'
  | 'said_goodbye'
  | 'silence'
  | 'line_lost'
  | 'our_outage'
  | 'provider_outage'
  | 'refused'
  | 'conversation_failed'
  | 'job_shutdown';

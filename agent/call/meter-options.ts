import type { Clock } from '../../shared/clock.ts';
import type { Billing, Grant } from './billing.ts';
import type { Timeline } from './timeline.ts';

/** Why the meter says that the call must stop. */
export type StopReason = 'time_used_up' | 'billing_unreachable' | 'fenced';

type MeterEvents = {
  /** After every answer of the database, and whenever billing starts or pauses. */
  changed(): void;
  /** The grant is used up and the clock stands, or this worker does not own the call any more (the last event). */
  stop(reason: StopReason): void;
  /** There is time again after the grant was used up. The clock stands until `enter('talking')`. */
  resumed?(): void;
  /** A renewal got no answer. The call goes on until its grant ends. */
  failed(error: unknown): void;
};

export type MeterOptions = {
  billing: Billing;
  timeline: Timeline;
  clock: Clock;
  sliceSeconds: number;
  grant: Grant;
  /** What of the person's time expires within a week; the call uses that first. */
  expiringSeconds: number;
  /** What the call does when time is used up, free of charge: says goodbye unless given. */
  restPhase?: 'desk' | 'goodbye';
  events: MeterEvents;
};

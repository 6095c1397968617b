import type { Books } from '../../shared/time/may-call.ts';

/** How far a call is that a worker has taken. */
export type SeatStage =
  /** It waits for a process. */
  | 'starting'
  /** Its job is in the room, and the caller has heard nothing yet. */
  | 'answering'
  | 'talking';

/** A call that a worker has taken. Times are on the worker's clock. */
export type Seat = Readonly<{
  jobId: string;
  callId: string;
  userId: string;
  roomName: string;
  stage: SeatStage;
  sinceMs: number;
  /** Its process has it: when that is gone, so is the call. */
  isLaunched: boolean;
}>;

export type SeatLimits = {
  /** Calls of one person at once. */
  perPerson: number;
  /** Starts that can wait for a process: as many as get one before their callers are told that nobody answers. */
  starting: number;
};

/** Places that are left to people who have no call here. */
const KEPT_FOR_NEW = 2;

/** Who has heard nothing for so long will not any more, or does not listen. */
const IDLE_MS = 15_000;

/** LiveKit gives a job to another worker, or to none, without a word: whoever waits longer for a process was forgotten. */
const FORGOTTEN_MS = 60_000;

export type Verdict = { take: true; drop?: Seat } | { take: false; why: 'too_many_calls' | 'busy' };

const count = <One>(all: readonly One[], is: (one: One) => boolean): number => all.filter(is).length;

/** Of the calls in which nothing was said yet the oldest one of whoever has most of them, or one that waits for too long. */
function idlest(seats: readonly Seat[], nowMs: number): Seat | undefined {
  const idle = seats.filter(({ stage }) => stage !== 'talking');
  const ofSame = ({ userId }: Seat) => count(idle, (other) => other.userId === userId);
  const [first] = idle.toSorted((one, other) => ofSame(other) - ofSame(one) || one.sinceMs - other.sinceMs);
  if (first && ofSame(first) > 1) return first;
  return idle.find(({ sinceMs }) => nowMs - sinceMs >= IDLE_MS);
}

/**
 * Whether a call is taken, and which other one gives way. One person cannot fill the house: the last places are for
 * people who have no call here, and a call in which nothing was said yet gives way to theirs.
 */
export function admit(
  seats: readonly Seat[],
  userId: string,
  { perPerson, starting }: SeatLimits,
  nowMs: number,
): Verdict {
  const own = count(seats, (seat) => seat.userId === userId);
  if (own >= perPerson) return { take: false, why: 'too_many_calls' };
  const free = starting - count(seats, ({ stage }) => stage === 'starting');
  if (free > (own === 0 ? 0 : KEPT_FOR_NEW)) return { take: true };
  const drop = own === 0 ? idlest(seats, nowMs) : undefined;
  return drop ? { take: true, drop } : { take: false, why: 'busy' };
}

/**
 * Whether a start has a place and a second beside the earlier ones of the same person that are on their way: the books
 * know none of those before it is open, so that each of many at once would be told that there is room for it.
 */
export function besideStarts(
  seats: readonly Seat[],
  { jobId, callId, userId }: Pick<Seat, 'jobId' | 'callId' | 'userId'>,
  { liveCalls, freeSeconds }: Books,
  perPerson: number,
): 'open' | 'too_many_calls' | 'no_time_left' {
  // Another worker had it before.
  if (liveCalls.includes(callId)) return 'open';
  const at = seats.findIndex((seat) => seat.jobId === jobId);
  const onTheirWay = count(
    seats.slice(0, at < 0 ? seats.length : at),
    (seat) => seat.userId === userId && seat.stage !== 'talking' && !liveCalls.includes(seat.callId),
  );
  if (liveCalls.length + onTheirWay >= perPerson) return 'too_many_calls';
  return onTheirWay >= freeSeconds ? 'no_time_left' : 'open';
}

/** The calls that are still there, given the jobs that have a process. */
export const stillThere = (seats: readonly Seat[], running: ReadonlySet<string>, nowMs: number): Seat[] =>
  seats.filter(({ isLaunched, jobId, sinceMs }) =>
    isLaunched ? running.has(jobId) : nowMs - sinceMs < FORGOTTEN_MS,
  );

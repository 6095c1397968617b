import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  admit,
  besideStarts,
  type Seat,
  type SeatLimits,
  type SeatStage,
  stillThere,
} from '../../agent/worker/seats.ts';
import { isStarved, noStarts, startFailed, startLimits } from '../../agent/worker/starts.ts';
import { CallTaker } from '../../agent/worker/take-calls.ts';
import { createLogger } from '../../shared/logging.ts';
import type { Books, CallRight } from '../../shared/time/may-call.ts';
import { FakeClock } from '../support/fake-clock.ts';

const LIMITS = { perPerson: 4, starting: 4 };
let seatCount = 0;
const seat = (userId: string, stage: SeatStage = 'starting', sinceMs = 0): Seat => {
  const jobId = `job ${++seatCount}`;
  return { jobId, callId: jobId, userId, roomName: jobId, stage, sinceMs, isLaunched: stage !== 'starting' };
};

describe('who is taken', () => {
  it('is one person with up to four calls, and of those that start with what leaves two places to others', () => {
    expect(admit([], 'ann', LIMITS, 0)).toEqual({ take: true });
    expect(admit([seat('ann')], 'ann', LIMITS, 0)).toEqual({ take: true });
    expect(admit([seat('ann'), seat('ann')], 'ann', LIMITS, 0)).toEqual({ take: false, why: 'busy' });
    const talking = [1, 2, 3, 4].map(() => seat('ann', 'talking'));
    expect(admit(talking, 'ann', LIMITS, 0)).toEqual({ take: false, why: 'too_many_calls' });
    expect(admit(talking, 'bob', LIMITS, 0)).toEqual({ take: true });
  });

  it('is somebody new also where all places are taken, before the oldest start of whoever has most', () => {
    const oldest = seat('ann', 'starting', 1);
    const full = [seat('bob', 'starting', 0), oldest, seat('ann', 'starting', 2), seat('ann', 'starting', 3)];
    expect(admit(full, 'eve', LIMITS, 4)).toEqual({ take: true, drop: oldest });
    expect(admit(full, 'bob', LIMITS, 4)).toEqual({ take: false, why: 'busy' });
  });

  it('is nobody before others with one call each, unless one of those has heard nothing for too long', () => {
    const full = ['ann', 'bob', 'cid', 'dan'].map((userId) => seat(userId, 'starting', 10_000));
    expect(admit(full, 'eve', LIMITS, 20_000)).toEqual({ take: false, why: 'busy' });
    const idle = seat('fay', 'answering', 4000);
    expect(admit([...full, idle], 'eve', LIMITS, 20_000)).toEqual({ take: true, drop: idle });
    expect(admit([...full, seat('fay', 'talking', 0)], 'eve', LIMITS, 20_000)).toMatchObject({ take: false });
  });

  it('counts no call whose process is gone, or that was given to another worker', () => {
    const [gone, running, waiting, forgotten] = [
      seat('ann', 'talking'),
      seat('ann', 'talking'),
      seat('ann', 'starting', 50_000),
      seat('ann', 'starting', 0),
    ];
    const left = stillThere([gone, running, waiting, forgotten], new Set([running.jobId]), 60_000);
    expect(left).toEqual([running, waiting]);
  });
});

describe('starts that are on their way', () => {
  const [first, second] = [seat('ann'), seat('ann', 'answering')];
  const next = seat('ann');
  const seats = [first, seat('bob'), second, seat('ann', 'talking'), next, seat('ann')];
  const books = (liveCalls: string[], freeSeconds: number) => ({ liveCalls, freeSeconds });

  it("count against a person's places, but for those that the books count", () => {
    expect(besideStarts(seats, next, books(['elsewhere'], 900), 4)).toBe('open');
    expect(besideStarts(seats, next, books(['elsewhere', 'too'], 900), 4)).toBe('too_many_calls');
    expect(besideStarts(seats, next, books(['elsewhere', first.callId, second.callId], 900), 4)).toBe('open');
    // Another worker had it before.
    expect(besideStarts(seats, next, books(['1', '2', '3', next.callId], 900), 4)).toBe('open');
  });

  it('count against the free seconds of a person, each with one', () => {
    expect(besideStarts(seats, next, books([], 3), 4)).toBe('open');
    expect(besideStarts(seats, next, books([], 2), 4)).toBe('no_time_left');
    expect(besideStarts(seats, next, books([first.callId], 2), 4)).toBe('open');
    // Of many at once the first has its right, whatever comes after it.
    expect(besideStarts(seats, first, books([], 1), 4)).toBe('open');
  });
});

describe('a worker', () => {
  it('is starved when a start takes too long, or several in a row have failed', () => {
    expect(isStarved(noStarts, [seat('ann', 'starting', 0)], 8000)).toBe(false);
    expect(isStarved(noStarts, [seat('ann', 'starting', 0)], 8001)).toBe(true);
    expect(isStarved(noStarts, [seat('ann', 'answering', 0)], 60_000)).toBe(false);
    const failed = [1, 2, 3].reduce((starts) => startFailed(starts, 1000), noStarts);
    expect(isStarved(startFailed(startFailed(noStarts, 0), 0), [], 1)).toBe(false);
    expect(isStarved(failed, [], 60_999)).toBe(true);
    expect(isStarved(failed, [], 61_001)).toBe(false);
  });

  it('gives its processes as much time as its machine needs, and takes as many starts as come in time', () => {
    expect(startLimits(1000, 2)).toEqual({ initialisedWithinMs: 30_000, starting: 10 });
    expect(startLimits(4000, 2)).toEqual({ initialisedWithinMs: 80_000, starting: 4 });
    expect(startLimits(20_000, 4)).toEqual({ initialisedWithinMs: 180_000, starting: 6 });
  });
});

describe('what LiveKit offers', () => {
  let clock: FakeClock;
  let away: string[];
  let refused: string[];
  let rights: Record<string, CallRight['status'] | 'nobody knows'>;
  let running: Set<string>;
  let hangs: boolean;
  let books: Books;
  let limits: SeatLimits;
  let taker: CallTaker;
  beforeEach(() => {
    [away, refused, rights, running, hangs] = [[], [], {}, new Set(), false];
    books = { liveCalls: [], freeSeconds: 900 };
    limits = { ...LIMITS };
    clock = new FakeClock();
    taker = new CallTaker({
      limits,
      mayCall: async ({ userId }) => {
        const right = rights[userId] ?? 'open';
        if (right === 'nobody knows') throw new Error('the database is away');
        return { status: right, books };
      },
      sendAway: async ({ reason, unlessAnswered }) => void away.push(`${reason}${unlessAnswered ? '?' : ''}`),
      running: () => running,
      onRefused: (reason) => void refused.push(reason),
      clock,
      logger: createLogger('agent', 'silent'),
    });
  });

  const people = { ann: randomUUID(), bob: randomUUID() };
  /** @returns what became of the offer */
  async function offer(userId: string, metadata?: string): Promise<{ callId: string; is: string }> {
    const [jobId, callId] = [randomUUID(), randomUUID()];
    let is = 'open';
    const request = {
      id: jobId,
      room: { name: `call-${callId}` } as never,
      job: { metadata: metadata ?? JSON.stringify({ call_id: callId, user_id: userId }) },
      async accept() {
        is = 'taken';
        if (hangs) await new Promise(() => {});
        running.add(jobId);
      },
      async reject() {
        is = 'rejected';
      },
    };
    void taker.offered(request);
    await clock.advance(0);
    return { callId, is };
  }

  it.each([
    'no_time_left',
    'too_many_calls',
    'call_settled',
    'call_mismatch',
    'unknown_user',
    'room_taken',
  ] as const)('takes no process without a right to talk, and is told why: %s', async (right) => {
    rights[people.ann] = right;
    expect(await offer(people.ann)).toMatchObject({ is: 'rejected' });
    expect([away, refused]).toEqual([[right], [right]]);
    // It does not count as a call either.
    rights = {};
    for (let calls = 0; calls < 2; calls++) expect(await offer(people.ann)).toMatchObject({ is: 'taken' });
  });

  it('is taken when the database cannot say: the job finds out itself', async () => {
    rights[people.ann] = 'nobody knows';
    expect(await offer(people.ann)).toMatchObject({ is: 'taken' });
  });

  it('is refused where the sidecar has not written it', async () => {
    expect(await offer(people.ann, '{}')).toMatchObject({ is: 'rejected' });
    expect(await offer(people.ann, 'nothing')).toMatchObject({ is: 'rejected' });
    expect(away).toEqual([]);
  });

  it('by one person in a loop leaves places to others, and others are taken at once', async () => {
    hangs = true;
    const own: string[] = [];
    for (let joins = 0; joins < 20; joins++) own.push((await offer(people.ann)).is);
    expect(own.filter((is) => is === 'taken')).toHaveLength(2);
    expect(await offer(people.bob)).toMatchObject({ is: 'taken' });
  });

  it.each([
    ['places', { liveCalls: ['elsewhere'], freeSeconds: 900 }, 3, 'too_many_calls'],
    ['seconds', { liveCalls: [], freeSeconds: 1 }, 1, 'no_time_left'],
  ])('at once by one person never takes more than their %s, where there is room for all', async (...row) => {
    const [, known, share, why] = row;
    [limits.starting, books, hangs] = [50, known, true];
    const offers = await Promise.all(Array.from({ length: 20 }, () => offer(people.ann)));
    expect(offers.filter(({ is }) => is === 'taken')).toHaveLength(share);
    expect(away).toContain(why);
  });

  it('and does not start within 8 seconds is told that nobody answers, and the worker is not well', async () => {
    hangs = true;
    const { callId } = await offer(people.ann);
    await clock.advance(7999);
    expect([away, taker.isStarved]).toEqual([[], false]);
    await clock.advance(2);
    expect([away, refused, taker.isStarved]).toEqual([['nobody_answered?'], ['nobody_answered'], true]);
    taker.reached(callId, 'answering');
    expect(taker.isStarved).toBe(false);
  });

  it('and is refused for want of a place is told so only when no other worker has come by then', async () => {
    hangs = true;
    for (let joins = 0; joins < 3; joins++) await offer(people.ann);
    expect(away).toEqual([]);
    await clock.advance(8000);
    expect(away).toContain('nobody_answered?');
  });
});

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RenewalAnswer, RenewalRequest } from '../../shared/api/renewals.ts';
import { gatherRenewals } from '../../webhook-server/calls/gather-renewals.ts';

const GATHER_MS = 20;
const report = (usedMs = 0, callId = randomUUID(), epoch = 1): RenewalRequest => ({
  call_id: callId,
  epoch,
  used_ms: usedMs,
  restored_ms: 0,
});
const answerTo = ({ call_id, epoch }: RenewalRequest): RenewalAnswer => ({
  call_id,
  status: 'renewed',
  epoch,
  granted_seconds: 30,
  free_seconds: 0,
  live_calls: 1,
  final: true,
});

/** A database that answers each batch when it is told to. */
function holdingDatabase() {
  const batches: { renewals: readonly RenewalRequest[]; answer: () => void; fail: () => void }[] = [];
  const renew = gatherRenewals(
    (renewals) =>
      new Promise((resolve, reject) => {
        const answer = () => resolve(renewals.map(answerTo));
        batches.push({ renewals, answer, fail: () => reject(new Error('away')) });
      }),
    GATHER_MS,
  );
  return { batches, renew, sizes: () => batches.map(({ renewals }) => renewals.length) };
}

test('waits for others, but not when the batch is full', async () => {
  const { batches, renew, sizes } = holdingDatabase();
  const first = Array.from({ length: 3 }, () => renew(report()));
  expect(sizes()).toEqual([]);
  await sleep(GATHER_MS * 3);
  expect(sizes()).toEqual([3]);
  const more = Array.from({ length: 501 }, () => renew(report()));
  expect(sizes()).toEqual([3, 500]);
  await sleep(GATHER_MS * 3);
  expect(sizes()).toEqual([3, 500, 1]);
  for (const { answer } of batches) answer();
  expect(await Promise.all([...first, ...more])).toHaveLength(504);
});

test('few batches are under way at once; what comes meanwhile goes together as soon as one is done', async () => {
  const { batches, renew, sizes } = holdingDatabase();
  const asked = Array.from({ length: 4 * 500 }, () => renew(report()));
  asked.push(...Array.from({ length: 700 }, () => renew(report())));
  await sleep(GATHER_MS * 3);
  expect(sizes()).toEqual([500, 500, 500, 500]);
  batches[2]?.answer();
  await sleep(0);
  expect(sizes()).toEqual([500, 500, 500, 500, 500]);
  batches[0]?.answer();
  await sleep(0);
  expect(sizes().at(-1)).toBe(200);
  for (const { answer } of batches) answer();
  const answers = await Promise.all(asked);
  expect(new Set(answers.map(({ call_id }) => call_id)).size).toBe(2700);
});

test('two workers of one call never share a batch', async () => {
  const { batches, renew } = holdingDatabase();
  const callId = randomUUID();
  const asked = [renew(report(9000, callId, 1)), renew(report(10, callId, 2)), renew(report(50, callId, 2))];
  await sleep(GATHER_MS * 3);
  expect(batches.map(({ renewals }) => renewals)).toEqual([
    [report(9000, callId, 1)],
    [report(50, callId, 2)],
  ]);
  for (const { answer } of batches) answer();
  expect((await Promise.all(asked)).map(({ epoch }) => epoch)).toEqual([1, 2, 2]);
});

test('a failure is told to those of its batch only', async () => {
  const { batches, renew } = holdingDatabase();
  const doomed = Promise.allSettled([renew(report()), renew(report())]);
  await sleep(GATHER_MS * 3);
  const lucky = renew(report());
  await sleep(GATHER_MS * 3);
  batches[0]?.fail();
  expect((await doomed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  batches[1]?.answer();
  expect((await lucky).status).toBe('renewed');
});

test('an answer that leaves a call out is none for that call', async () => {
  const renew = gatherRenewals(async (renewals) => renewals.slice(1).map(answerTo), 1);
  const answers = await Promise.allSettled([renew(report()), renew(report())]);
  expect(answers).toMatchObject([
    { status: 'rejected', reason: { code: 'database_unavailable' } },
    { status: 'fulfilled' },
  ]);
});

test('who waited too long for a place is sent away, not sent', async () => {
  const { batches, renew, sizes } = holdingDatabase();
  const early = Array.from({ length: 4 * 500 }, () => renew(report()));
  const late = Promise.allSettled([renew(report())]);
  await sleep(1_100);
  const fresh = renew(report());
  batches[0]?.answer();
  expect(await late).toMatchObject([{ status: 'rejected', reason: { code: 'database_unavailable' } }]);
  await sleep(GATHER_MS * 3);
  expect(sizes()).toEqual([500, 500, 500, 500, 1]);
  for (const { answer } of batches) answer();
  expect((await fresh).status).toBe('renewed');
  await Promise.all(early);
});

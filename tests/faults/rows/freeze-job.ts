import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { audit, callRow, judgeBill, SCALED, settledRow } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { type JobBench, openJobBench } from '../job/job-bench.ts';
import type { HostedCall } from '../job/start-host.ts';
import { monotonicMs } from '../presence-clock.ts';
import { atMost } from '../wait.ts';

type Plan = {
  freezeAfterMs: number;
  /** Nine seconds are the ninety of production. */
  frozenMs: number;
  /** Another worker goes on with the call so long after the freeze, which must not be shorter. */
  takenOverAfterMs: number | undefined;
  hangUpAfterMs: number;
};

const LONG_MS = 9000;
const plan: fc.Arbitrary<Plan> = fc.record({
  freezeAfterMs: fc.integer({ min: 0, max: 5000 }),
  frozenMs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(LONG_MS) },
    { weight: 1, arbitrary: fc.integer({ min: 200, max: 2500 }) },
  ),
  takenOverAfterMs: fc.option(fc.integer({ min: 100, max: 2500 }), { freq: 2, nil: undefined }),
  hangUpAfterMs: fc.integer({ min: 300, max: 2000 }),
});

const ENDS_WITHIN_MS = 30_000;

/** A worker that comes back to a call that is another's, or nobody's any more. */
async function playLong(bench: JobBench, one: Plan, findings: Findings): Promise<void> {
  const [stale, next] = [await bench.host(), await bench.next()];
  const userId = await bench.person();
  const call = stale.call(userId);
  await call.heard;
  await sleep(one.freezeAfterMs);
  stale.freeze();
  const frozenAtMs = monotonicMs();
  let later: HostedCall | undefined;
  if (one.takenOverAfterMs !== undefined) {
    await sleep(one.takenOverAfterMs);
    later = next.call(userId, call.callId);
  }
  await sleep(LONG_MS - (one.takenOverAfterMs ?? 0));
  const before = await callRow(bench.sql, call.callId);
  if (later === undefined) {
    findings.expect(
      before === undefined || before.status === 'settled',
      'nobody settled the call of a dead worker',
    );
  }
  stale.thaw();
  const staleEnd = await atMost(call.ended, ENDS_WITHIN_MS);
  findings.expect(staleEnd !== undefined, 'the stale worker went on');
  if (later === undefined) {
    findings.expect(before?.status === 'settled', 'nobody settled the call of a worker that stood still');
    const after = JSON.stringify(await callRow(bench.sql, call.callId));
    findings.expect(after === JSON.stringify(before), 'a settled call was changed by its stale worker');
  } else {
    // On a busy machine the reaper may have been faster than the other worker; then its bill is what both are told.
    const isReplaced = before?.status === 'open';
    findings.expect(
      !isReplaced || staleEnd?.chargedSeconds === undefined,
      'a replaced worker wrote the bill',
    );
    await sleep(one.hangUpAfterMs);
    later.move('left');
    findings.expect((await atMost(later.ended, ENDS_WITHIN_MS)) !== undefined, 'the call did not end');
  }
  const row = await settledRow(bench.sql, call.callId, findings);
  if (row?.settled_by === 'reaper') findings.recoveryMs.push(monotonicMs() - frozenAtMs - LONG_MS);
  // Before it was frozen the stale worker served; after that, only the other one.
  judgeBill(findings, row, {
    leastMs: call.presence.leastMs + (later?.presence.leastMs ?? 0),
    mostMs:
      (later === undefined ? call.presence.mostMs : call.presence.leastMs) + (later?.presence.mostMs ?? 0),
  });
  await bench.kill(stale);
}

/** A worker that stands still for less than its lease, and goes on. */
async function playShort(bench: JobBench, one: Plan, findings: Findings): Promise<void> {
  const host = await bench.host();
  const call = host.call(await bench.person());
  await sleep(one.freezeAfterMs);
  host.freeze();
  await sleep(one.frozenMs);
  host.thaw();
  await atMost(call.ended, one.hangUpAfterMs);
  call.move('left');
  findings.expect((await atMost(call.ended, ENDS_WITHIN_MS)) !== undefined, 'the call did not end');
  judgeBill(findings, await settledRow(bench.sql, call.callId, findings), call.presence);
  await bench.kill(host);
}

export const freezeJob = defineRow<Plan>({
  number: 6,
  name: 'freeze',
  title: `SIGSTOP of the job, up to ${LONG_MS / 1000} s of a ${SCALED.sliceSeconds} s slice`,
  cases: { short: 6, long: 200 },
  atOnce: 12,
  plan,
  async open(world, sabotage) {
    const bench = await openJobBench(world, sabotage);
    return {
      async play(one, findings) {
        await (one.frozenMs === LONG_MS ? playLong : playShort)(bench, one, findings);
        await audit(findings, bench.sql);
      },
      close: bench.close,
    };
  },
  controls: [
    {
      name: 'neither renewal nor settlement looks at the epoch',
      cuts: [
        ['public.renew_call', 'and h.epoch = p_epoch', ''],
        [
          'public.settle_call',
          'elsif coalesce(v_call.epoch, v_hold.epoch) is distinct from p_epoch',
          'elsif false',
        ],
      ],
    },
  ],
});

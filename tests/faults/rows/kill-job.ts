import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { audit, judgeBill, settledRow } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { type JobBench, openJobBench } from '../job/job-bench.ts';
import { monotonicMs } from '../presence-clock.ts';
import { atMost } from '../wait.ts';

type Plan = {
  /** From the ringing, so that some die before they have opened the call. */
  killAfterMs: number;
  /** The caller hangs up this long before, so that some die while they write the bill. */
  hangUpBeforeMs: number | undefined;
};

const plan: fc.Arbitrary<Plan> = fc.record({
  killAfterMs: fc.oneof(
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 150 }) },
    { weight: 4, arbitrary: fc.integer({ min: 150, max: 7000 }) },
  ),
  hangUpBeforeMs: fc.option(fc.integer({ min: 0, max: 40 }), { freq: 3, nil: undefined }),
});

async function play(bench: JobBench, { killAfterMs, hangUpBeforeMs }: Plan, findings: Findings) {
  const host = await bench.host();
  const call = host.call(await bench.person());
  await sleep(Math.max(0, killAfterMs - (hangUpBeforeMs ?? 0)));
  if (hangUpBeforeMs !== undefined) {
    call.move('left');
    await atMost(call.ended, hangUpBeforeMs);
  }
  const killedAtMs = await bench.kill(host);
  const row = await settledRow(bench.sql, call.callId, findings);
  if (row?.settled_by === 'reaper') findings.recoveryMs.push(monotonicMs() - killedAtMs);
  judgeBill(findings, row, call.presence);
  await audit(findings, bench.sql);
}

export const killJob = defineRow<Plan>({
  number: 1,
  name: 'job',
  title: 'kill -9 of the job',
  cases: { short: 6, long: 200 },
  atOnce: 12,
  plan,
  async open(world, sabotage) {
    const bench = await openJobBench(world, sabotage);
    return { play: (one, findings) => play(bench, one, findings), close: bench.close };
  },
  controls: [
    {
      name: 'the reaper charges what was granted, not what was reported',
      cuts: [['private.finish_call', 'greatest(h.used_ms, p_used_ms)', 'h.amount * 1000']],
    },
    {
      name: 'a slice is four slices',
      cuts: [['private.seconds_to_grant', 'p_max - p_ahead_seconds', '4 * p_max - p_ahead_seconds']],
    },
  ],
});

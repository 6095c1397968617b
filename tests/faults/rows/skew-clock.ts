import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { audit, judgeBill, SCALED, settledRow } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { type JobBench, openJobBench } from '../job/job-bench.ts';
import { atMost } from '../wait.ts';

type Plan = {
  /** How wrong the worker's clock is from the start, and what it is moved by during the call. */
  offsetMs: number;
  jumpAfterMs: number;
  jumpMs: number;
  lastsMs: number;
  isKilled: boolean;
};

const HOUR_MS = 3_600_000;
const skew = fc.oneof(fc.constantFrom(-HOUR_MS, HOUR_MS), fc.integer({ min: -HOUR_MS, max: HOUR_MS }));
const plan: fc.Arbitrary<Plan> = fc.record({
  offsetMs: skew,
  jumpAfterMs: fc.integer({ min: 300, max: 5000 }),
  jumpMs: skew,
  lastsMs: fc.integer({ min: 1000, max: 7000 }),
  isKilled: fc.boolean(),
});

const PRELOAD = fileURLToPath(new URL('../job/skew-date.ts', import.meta.url));

async function play(bench: JobBench, one: Plan, findings: Findings): Promise<void> {
  const FAULTS_SKEW = JSON.stringify([one.offsetMs, one.jumpAfterMs, one.jumpMs]);
  const host = await bench.host({ preload: PRELOAD, variables: { FAULTS_SKEW } });
  const call = host.call(await bench.person());
  const early = await atMost(call.ended, one.lastsMs);
  findings.expect(early === undefined, `the call ended by itself as ${early?.reason}`);
  if (!one.isKilled) {
    call.move('left');
    await atMost(call.ended, 20_000);
  }
  await bench.kill(host);
  const row = await settledRow(bench.sql, call.callId, findings);
  judgeBill(findings, row, call.presence);
  const mostSeconds = Math.ceil(call.presence.mostMs / 1000) + SCALED.sliceSeconds;
  findings.expect(
    (row?.granted_seconds ?? 0) <= mostSeconds,
    `${row?.granted_seconds} s granted, ${mostSeconds} s were due`,
  );
  await audit(findings, bench.sql);
}

export const skewClock = defineRow<Plan>({
  number: 7,
  name: 'skew',
  title: "the worker's wall clock an hour off, and moved",
  cases: { short: 4, long: 200 },
  atOnce: 12,
  plan,
  async open(world, sabotage) {
    const bench = await openJobBench(world, sabotage);
    return { play: (one, findings) => play(bench, one, findings), close: bench.close };
  },
  controls: [{ name: 'the worker counts by the wall clock', variant: 'wall clock' }],
});

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { audit, judgeBill, settledRow } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { type JobBench, openJobBench } from '../job/job-bench.ts';
import type { Host, HostedCall } from '../job/start-host.ts';
import { monotonicMs } from '../presence-clock.ts';
import { atMost } from '../wait.ts';

type CallPlan = {
  beginsAfterMs: number;
  /** Another worker goes on with it so long after the kill; undefined leaves it to the reaper. */
  takenOverAfterMs: number | undefined;
  thenLastsMs: number;
};
type Plan = { killAfterMs: number; calls: CallPlan[] };

const plan: fc.Arbitrary<Plan> = fc.record({
  killAfterMs: fc.integer({ min: 400, max: 7000 }),
  calls: fc.array(
    fc.record({
      beginsAfterMs: fc.integer({ min: 0, max: 400 }),
      takenOverAfterMs: fc.option(fc.integer({ min: 0, max: 2500 }), { freq: 2, nil: undefined }),
      thenLastsMs: fc.integer({ min: 200, max: 4000 }),
    }),
    { minLength: 3, maxLength: 5 },
  ),
});

const ENDS_WITHIN_MS = 20_000;

/** What becomes of one call after its worker died. */
async function aftermath(
  bench: JobBench,
  next: Host,
  one: { call: HostedCall; userId: string; plan: CallPlan; killedAtMs: number },
  findings: Findings,
): Promise<void> {
  const { call, userId, plan: own, killedAtMs } = one;
  let later: HostedCall | undefined;
  if (own.takenOverAfterMs !== undefined) {
    await sleep(own.takenOverAfterMs);
    later = next.call(userId, call.callId);
    await sleep(own.thenLastsMs);
    later.move('left');
    findings.expect(
      (await atMost(later.ended, ENDS_WITHIN_MS)) !== undefined,
      'the second worker did not end the call',
    );
  }
  const row = await settledRow(bench.sql, call.callId, findings);
  if (row?.settled_by === 'reaper') findings.recoveryMs.push(monotonicMs() - killedAtMs);
  const served = [call.presence, ...(later ? [later.presence] : [])];
  judgeBill(findings, row, {
    leastMs: served.reduce((sum, { leastMs }) => sum + leastMs, 0),
    mostMs: served.reduce((sum, { mostMs }) => sum + mostMs, 0),
  });
}

async function play(bench: JobBench, { killAfterMs, calls }: Plan, findings: Findings): Promise<void> {
  const [host, next] = [await bench.host(), await bench.next()];
  const endsAtMs = monotonicMs() + killAfterMs;
  const begun = await Promise.all(
    calls.map(async (own) => {
      const userId = await bench.person();
      await sleep(own.beginsAfterMs);
      return { userId, plan: own, call: host.call(userId) };
    }),
  );
  await sleep(Math.max(0, endsAtMs - monotonicMs()));
  const killedAtMs = await bench.kill(host);
  await Promise.all(begun.map((one) => aftermath(bench, next, { ...one, killedAtMs }, findings)));
  await audit(findings, bench.sql);
}

export const killWorker = defineRow<Plan>({
  number: 2,
  name: 'worker',
  title: 'kill -9 of a worker with 3–5 calls',
  cases: { short: 3, long: 200 },
  atOnce: 12,
  plan,
  async open(world, sabotage) {
    const bench = await openJobBench(world, sabotage);
    return { play: (one, findings) => play(bench, one, findings), close: bench.close };
  },
  controls: [
    {
      name: 'renewals add up instead of being absolute',
      cuts: [
        ['public.renew_call', 'greatest(v_hold.used_ms, p_used_ms)', 'v_hold.used_ms + p_used_ms'],
        ['public.renew_calls', 'greatest(h.used_ms, asked.used_ms)', 'h.used_ms + asked.used_ms'],
      ],
    },
  ],
});

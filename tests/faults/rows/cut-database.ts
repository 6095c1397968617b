import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { startCuttableProxy } from '../../support/cuttable-proxy.ts';
import { audit, judgeBill, SCALED, settledRow } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { type JobBench, openJobBench } from '../job/job-bench.ts';
import { monotonicMs } from '../presence-clock.ts';
import { atMost } from '../wait.ts';

type Plan = {
  /** Refused connections are known at once; a stall only shows by its silence, and what was sent arrives later. */
  how: 'refuse' | 'stall';
  afterMs: number;
  lastsMs: number;
  hangUpAfterMs: number;
};

const plan: fc.Arbitrary<Plan> = fc.record({
  how: fc.constantFrom('refuse', 'stall'),
  afterMs: fc.integer({ min: 100, max: 5000 }),
  lastsMs: fc.oneof(fc.constant(5000), fc.integer({ min: 200, max: 8000 })),
  hangUpAfterMs: fc.integer({ min: 1000, max: 12_000 }),
});

/** With the patience of the worker's last attempt to write the bill. */
const ENDS_WITHIN_MS = 90_000;
const GIVEN_UP = ['billing_unreachable', 'refused', 'caller_hung_up'];

async function play(bench: JobBench, one: Plan, findings: Findings): Promise<void> {
  const proxy = await startCuttableProxy(bench.gatewayPort);
  const host = await bench.host({ databasePort: proxy.port });
  const call = host.call(await bench.person());
  const outage = (async () => {
    await sleep(one.afterMs);
    if (one.how === 'refuse') proxy.refuse();
    else proxy.stall();
    await sleep(one.lastsMs);
    proxy.restore();
    return monotonicMs();
  })();
  await atMost(call.ended, one.hangUpAfterMs);
  call.move('left');
  const backAtMs = await outage;
  const end = await atMost(call.ended, ENDS_WITHIN_MS);
  const row = await settledRow(bench.sql, call.callId, findings);
  findings.recoveryMs.push(Math.max(0, monotonicMs() - backAtMs));
  await bench.kill(host);
  proxy.close();
  findings.expect(end !== undefined, 'the call did not end');
  findings.expect(end === undefined || GIVEN_UP.includes(end.reason), `the call ended as ${end?.reason}`);
  // Whoever talks on a grant is left to talk until it is used up: grants are whole seconds, a slice at least.
  findings.expect(
    end?.reason !== 'billing_unreachable' ||
      (end.usedMs % 1000 === 0 && end.usedMs >= SCALED.sliceSeconds * 1000),
    `let go in the middle of a grant, after ${end?.usedMs} ms`,
  );
  judgeBill(findings, row, call.presence);
  await audit(findings, bench.sql);
}

export const cutDatabase = defineRow<Plan>({
  number: 5,
  name: 'cut',
  title: 'database cut off or stalled',
  cases: { short: 6, long: 200 },
  atOnce: 12,
  plan,
  async open(world, sabotage) {
    const bench = await openJobBench(world, sabotage);
    return { play: (one, findings) => play(bench, one, findings), close: bench.close };
  },
  controls: [{ name: 'the worker does not stop at the end of its grant', variant: 'ignores its grant' }],
});

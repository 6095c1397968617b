import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { buy, createBank, overSql, PRICES } from '../../time/bank.ts';
import { accountOf, addPerson } from '../../time/people.ts';
import { audit, judgeBill, lossBound, SCALED, settledRow } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { type JobBench, openJobBench } from '../job/job-bench.ts';
import type { Host } from '../job/start-host.ts';
import { monotonicMs } from '../presence-clock.ts';
import { atMost, eventually } from '../wait.ts';

type Plan = {
  /** Used before the call, of the hour that was bought. */
  usedMinutes: number;
  refundAfterMs: number;
  tenths: number;
  hangUpAfterMs: number;
};

const plan: fc.Arbitrary<Plan> = fc.record({
  usedMinutes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 59 })),
  refundAfterMs: fc.integer({ min: 0, max: 6000 }),
  tenths: fc.oneof(fc.constant(10), fc.integer({ min: 1, max: 10 })),
  hangUpAfterMs: fc.integer({ min: 200, max: 2000 }),
});

const STARTER_SECONDS = 3600;
const MOST_MS = lossBound(SCALED.sliceSeconds) * 1000;

async function play(bench: JobBench, host: Host, one: Plan, findings: Findings): Promise<void> {
  const bank = createBank(overSql(bench.sql));
  const userId = await addPerson(bench.sql);
  const { intentId } = await buy(bank, userId, 'starter');
  if (one.usedMinutes > 0) await bank.deduct(userId, one.usedMinutes);
  const call = host.call(userId);
  await call.heard;
  await sleep(one.refundAfterMs);
  const refundedCents = Math.floor((PRICES.starter * one.tenths) / 10);
  await bank.refund(intentId, refundedCents);
  const refundedAtMs = monotonicMs();
  const takenSeconds = Math.floor((STARTER_SECONDS * refundedCents) / PRICES.starter);
  if (STARTER_SECONDS - one.usedMinutes * 60 <= takenSeconds) {
    // Nothing is left but what was promised: the call may go on for that, and no longer.
    const stopped = await eventually(async () => call.stoppedAtMs() !== undefined, MOST_MS + 1500, 50);
    const lastedMs = (call.stoppedAtMs() ?? monotonicMs()) - refundedAtMs;
    findings.expect(
      stopped === true && lastedMs <= MOST_MS,
      `went on for ${Math.round(lastedMs)} ms after the refund`,
    );
    findings.recoveryMs.push(lastedMs);
  } else {
    await atMost(call.ended, one.hangUpAfterMs);
    const isShort = STARTER_SECONDS - one.usedMinutes * 60 - takenSeconds < 30;
    findings.expect(isShort || call.stoppedAtMs() === undefined, 'a call with time left was ended');
  }
  call.move('left');
  findings.expect((await atMost(call.ended, 20_000)) !== undefined, 'the call did not end');
  judgeBill(findings, await settledRow(bench.sql, call.callId, findings), call.presence);
  const after = await accountOf(bench.sql, userId);
  findings.expect(after.balance >= 0 && after.held === 0, `left behind: ${JSON.stringify(after)}`);
  await audit(findings, bench.sql);
}

export const refundCall = defineRow<Plan>({
  number: 10,
  name: 'refund',
  title: 'refund in the middle of a call',
  cases: { short: 6, long: 200 },
  atOnce: 24,
  plan,
  async open(world, sabotage) {
    const bench = await openJobBench(world, sabotage);
    const host = await bench.host();
    return { play: (one, findings) => play(bench, host, one, findings), close: bench.close };
  },
  controls: [
    {
      name: 'a refund is noted, but takes no time back',
      cuts: [
        ['private.settle_card', 'perform private.settle_owned(v_grant, p, v_total, v_disputed);', 'null;'],
      ],
    },
  ],
});

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { deriveActivationCode } from '../../../shared/activation-codes/keyed-hash.ts';
import { accountOf } from '../../time/people.ts';
import { audit, callRow } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { monotonicMs } from '../presence-clock.ts';
import { openSidecarProcess, type SidecarProcess } from '../sidecar-process.ts';
import {
  activateUntilAnswered,
  arrange,
  HEALS_WITHIN_MS,
  OWNED_SECONDS,
  renewUntilAnswered,
  type SidecarWork,
  USED_MS,
} from '../sidecar-work.ts';
import { eventually } from '../wait.ts';

type Plan = SidecarWork & { killAfterMs: number };

const plan: fc.Arbitrary<Plan> = fc.record({
  killAfterMs: fc.integer({ min: 0, max: 150 }),
  purchases: fc.integer({ min: 1, max: 4 }),
  deadCalls: fc.integer({ min: 0, max: 3 }),
  liveCalls: fc.integer({ min: 0, max: 20 }),
});

const STARTER_SECONDS = 3600;

async function play(bench: SidecarProcess, one: Plan, findings: Findings): Promise<void> {
  const { sql } = bench;
  const { bank, friend, caller, gift, intents, dead, live } = await arrange(bench, one);
  const code = deriveActivationCode(bench.codeKey, gift);
  // What the sidecar does every few seconds or minutes shall be due now and after the restart.
  await sql`delete from pgboss.job where name = 'periodic'`;
  const work = Promise.allSettled([
    activateUntilAnswered(bench, friend, code),
    renewUntilAnswered(bench, bank, live),
    ...intents.map((intentId) => bench.confirm(intentId)),
  ]);
  await sleep(one.killAfterMs);
  const killedAtMs = await bench.kill();
  await sql`delete from pgboss.job where name = 'periodic'`;
  await bench.start();
  const [activation, ...others] = await work;
  findings.expect(activation.status === 'fulfilled' && activation.value, 'the activation was never answered');
  findings.expect(
    others.every(({ status }) => status === 'fulfilled'),
    `what was asked was refused: ${JSON.stringify(others)}`,
  );
  const due = OWNED_SECONDS + intents.length * STARTER_SECONDS - dead.length * Math.floor(USED_MS / 1000);
  const isHealed = await eventually(
    async () => {
      const [row] = await sql<{ cards: number; open: number }[]>`
        select (select count(*)::int from public.time_cards where user_id = ${caller.id} and source = 'paid') as cards,
          (select count(*)::int from public.voice_sessions where user_id = ${caller.id} and status = 'open') as open`;
      return row !== undefined && row.cards >= intents.length && row.open <= live.length;
    },
    HEALS_WITHIN_MS,
    20,
  );
  findings.expect(isHealed === true, 'paid or dead, and nobody noticed');
  findings.recoveryMs.push(monotonicMs() - killedAtMs);
  const { balance } = await accountOf(sql, caller.id);
  findings.expect(balance === due, `${balance} s in the account, ${due} s are due`);
  const gained = (await accountOf(sql, friend.id)).balance;
  findings.expect(gained === STARTER_SECONDS, `the gift gave ${gained} s`);
  for (const callId of live) {
    const usedMs = Number((await callRow(sql, callId))?.used_ms);
    findings.expect(usedMs === USED_MS, `${usedMs} ms noted of ${USED_MS} ms acknowledged`);
    await bank.settle(callId, 1, USED_MS);
  }
  await audit(findings, sql);
}

export const killSidecar = defineRow<Plan>({
  number: 3,
  name: 'sidecar',
  title: 'kill -9 of the sidecar at work',
  cases: { short: 2, long: 200 },
  atOnce: 1,
  benches: 3,
  plan,
  async open(world, sabotage) {
    const bench = await openSidecarProcess(world, sabotage);
    return { play: (one, findings) => play(bench, one, findings), close: bench.close };
  },
  controls: [
    {
      name: 'a webhook is answered before its event is applied, and the reconciler does not look back',
      sources: [
        [
          'webhook-server/payments/routes.ts',
          "return { received: true, outcome: await receive(event, 'webhook') };",
          "setTimeout(() => void receive(event, 'webhook'), 1000); return { received: true, outcome: 'accepted' };",
        ],
        [
          'webhook-server/payments/reconcile-payments.ts',
          'FIRST_LOOK_BACK_MS = 24 * 3600_000',
          'FIRST_LOOK_BACK_MS = 0',
        ],
      ],
    },
  ],
});

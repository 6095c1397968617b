import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type postgres from 'postgres';
import { addPerson, giveTime } from '../../time/people.ts';
import { audit } from '../call-books.ts';
import { NOTHING_IS_UNIQUE } from '../cuts.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { type Deed, type Journal, PatientClient } from '../patient-client.ts';
import { openPostgresBench, type PostgresBench } from '../postgres-bench.ts';

const CLIENTS = 16;
const OWNED_SECONDS = 1_000_000;
const STARTER_SECONDS = 3600;

type Plan = {
  /** The connections break so long before the kill: what was asked for is done, and nobody hears of it. */
  cutBeforeMs: number;
  killAfterMs: number;
  deeds: { deed: Deed; size: number }[];
};

const plan: fc.Arbitrary<Plan> = fc.record({
  cutBeforeMs: fc.integer({ min: 0, max: 15 }),
  killAfterMs: fc.integer({ min: 0, max: 500 }),
  deeds: fc.array(
    fc.record({
      deed: fc.constantFrom<Deed>('call', 'call', 'buy', 'gift', 'deduct'),
      size: fc.nat(1000),
    }),
    { minLength: 16, maxLength: 16 },
  ),
});

/** Nothing acknowledged is lost, and nothing was done twice. */
async function checkJournal(sql: postgres.Sql, journal: Journal, findings: Findings): Promise<void> {
  const { userId, boughtCards, usedSeconds, calls } = journal;
  const [account] = await sql<{ balance: number; used: number }[]>`
    select balance_seconds::int as balance, (select coalesce(-sum(seconds), 0)::int from public.time_ledger
      where user_id = ${userId} and reason = 'use') as used
    from public.time_accounts where user_id = ${userId}`;
  const due = OWNED_SECONDS + boughtCards.length * STARTER_SECONDS - usedSeconds;
  findings.expect(
    account?.balance === due,
    `${account?.balance} s in the account, ${due} s were acknowledged`,
  );
  findings.expect(
    account?.used === usedSeconds,
    `${account?.used} s used, ${usedSeconds} s were acknowledged`,
  );
  const cards =
    await sql`select id from public.time_cards where user_id = ${userId} and source in ('paid', 'gift')`;
  findings.expect(
    cards.length === boughtCards.length,
    `${cards.length} of ${boughtCards.length} cards are there`,
  );
  const settled = await sql<{ id: string; charged: number }[]>`
    select id, charged_seconds as charged from public.voice_sessions where user_id = ${userId} and status = 'settled'`;
  const lost = [...calls].filter(
    ([id, charged]) => !settled.some((row) => row.id === id && row.charged === charged),
  );
  findings.expect(
    lost.length === 0 && settled.length === calls.size,
    `${settled.length} of ${calls.size} bills are there`,
  );
}

async function play(
  bench: PostgresBench,
  { killAfterMs, cutBeforeMs, deeds }: Plan,
  findings: Findings,
): Promise<void> {
  const connection = bench.connect(CLIENTS);
  let isBack = false;
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () =>
      bench.sql.begin(async (sql) => {
        const id = await addPerson(sql);
        await giveTime(sql, id, OWNED_SECONDS);
        return new PatientClient(connection, id, findings);
      }),
    ),
  );
  const work = Promise.allSettled(
    clients.map(async (client, number) => {
      for (let turn = 0; turn === 0 || !isBack; turn++) {
        const next = deeds[(number + turn) % deeds.length];
        if (next !== undefined) await client.do(next.deed, next.size);
      }
    }),
  );
  await sleep(killAfterMs);
  findings.recoveryMs.push(await bench.killAndRestart(cutBeforeMs));
  isBack = true;
  for (const done of await work) {
    if (done.status === 'rejected') findings.violations.push(`a client was refused: ${done.reason}`);
  }
  for (const { journal } of clients) await checkJournal(bench.sql, journal, findings);
  await audit(findings, bench.sql);
  await connection.end({ timeout: 1 });
}

export const killPostgres = defineRow<Plan>({
  number: 4,
  name: 'postgres',
  title: 'kill -9 of PostgreSQL under 16 clients',
  cases: { short: 1, long: 200 },
  atOnce: 1,
  benches: 2,
  plan,
  async open(_world, sabotage) {
    const bench = await openPostgresBench(sabotage);
    return { play: (one, findings) => play(bench, one, findings), close: bench.close };
  },
  controls: [
    {
      name: 'a commit does not wait for the disk',
      statements: ['alter system set synchronous_commit = off', 'select pg_reload_conf()'],
    },
    {
      name: 'a request that is repeated is done again',
      cuts: [
        ...NOTHING_IS_UNIQUE.cuts,
        ['public.deduct_user_time', 'if exists (select', 'if false and exists (select'],
        [
          'public.deduct_user_time',
          'coalesce(deduct_user_time.key, gen_random_uuid()::text)',
          'gen_random_uuid()',
        ],
      ],
      statements: NOTHING_IS_UNIQUE.statements,
    },
  ],
});

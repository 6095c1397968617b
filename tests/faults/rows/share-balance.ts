import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type postgres from 'postgres';
import { connect } from '../../support/connect.ts';
import { type Bank, createBank, overSql } from '../../time/bank.ts';
import { addPerson, giveTime } from '../../time/people.ts';
import { audit } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';

const BALANCE_SECONDS = 60;
const CONNECTIONS = 64;

type Wave = { sharesUsed: number[]; batched: boolean; hangUps: boolean[] };
type Plan = { calls: number; sliceSeconds: number; waves: Wave[] };

const plan: fc.Arbitrary<Plan> = fc.record({
  calls: fc.oneof(fc.constantFrom(2, 64), fc.integer({ min: 2, max: 64 })),
  sliceSeconds: fc.integer({ min: 1, max: 30 }),
  waves: fc.array(
    fc.record({
      /** What each call has used of its grant when it reports, in percent. */
      sharesUsed: fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 64, maxLength: 64 }),
      batched: fc.boolean(),
      hangUps: fc.array(
        fc.nat(5).map((one) => one === 0),
        { minLength: 64, maxLength: 64 },
      ),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

type LiveCall = { callId: string; grantedSeconds: number; usedMs: number };

async function renewTogether(sql: postgres.Sql, calls: LiveCall[]): Promise<void> {
  const rows = await sql<{ call_id: string; granted_seconds: number | null }[]>`
    select call_id, granted_seconds from public.renew_calls(${calls.map(({ callId }) => callId)}::uuid[],
      ${calls.map(() => 1)}::int[], ${calls.map(({ usedMs }) => usedMs)}::bigint[], ${calls.map(() => 0)}::bigint[])`;
  for (const { call_id: id, granted_seconds: granted } of rows) {
    const call = calls.find(({ callId }) => callId === id);
    if (call !== undefined && granted !== null) call.grantedSeconds = granted;
  }
}

/** One wave: every live call reports or hangs up, all at once. */
async function playWave(sql: postgres.Sql, bank: Bank, calls: LiveCall[], wave: Wave): Promise<LiveCall[]> {
  const leaving = calls.filter((_call, index) => wave.hangUps[index]);
  const staying = calls.filter((call) => !leaving.includes(call));
  calls.forEach((call, index) => {
    const reachMs = call.grantedSeconds * 10 * (wave.sharesUsed[index] ?? 0);
    call.usedMs = Math.max(call.usedMs, reachMs);
  });
  await Promise.all([
    ...leaving.map((call) => bank.settle(call.callId, 1, call.usedMs)),
    ...(wave.batched
      ? // Two batches that overlap, as two replicas would send them.
        [renewTogether(sql, staying), renewTogether(sql, staying.toReversed())]
      : staying.map(async (call) => {
          const answer = await bank.renew(call.callId, 1, call.usedMs);
          call.grantedSeconds = answer.granted_seconds ?? call.grantedSeconds;
        })),
  ]);
  return staying;
}

async function checkSum(sql: postgres.Sql, userId: string, findings: Findings): Promise<void> {
  const [row] = await sql<{ granted: number; charged: number }[]>`
    select coalesce(sum(granted_seconds) filter (where status = 'open'), 0)::int as granted,
      coalesce(sum(charged_seconds), 0)::int as charged
    from public.voice_sessions where user_id = ${userId}`;
  const sum = (row?.granted ?? 0) + (row?.charged ?? 0);
  findings.expect(sum <= BALANCE_SECONDS, `${sum} s granted or charged of ${BALANCE_SECONDS} s`);
}

async function play(sql: postgres.Sql, one: Plan, findings: Findings): Promise<void> {
  const bank = createBank(overSql(sql));
  const userId = await sql.begin(async (transaction) => {
    const id = await addPerson(transaction);
    await giveTime(transaction, id, BALANCE_SECONDS);
    return id;
  });
  const opened = await Promise.all(
    Array.from({ length: one.calls }, async () => {
      const callId = randomUUID();
      const answer = await bank.open(userId, { callId, slice: one.sliceSeconds, max: 64 });
      findings.expect(
        ['open', 'no_time_left'].includes(answer.status),
        `an opening was answered ${answer.status}`,
      );
      return answer.status === 'open'
        ? [{ callId, grantedSeconds: answer.granted_seconds ?? 0, usedMs: 0 }]
        : [];
    }),
  );
  let calls: LiveCall[] = opened.flat();
  await checkSum(sql, userId, findings);
  for (const wave of one.waves) {
    calls = await playWave(sql, bank, calls, wave);
    await checkSum(sql, userId, findings);
  }
  await Promise.all(calls.map((call) => bank.settle(call.callId, 1, call.usedMs)));
  await checkSum(sql, userId, findings);
  await audit(findings, sql);
}

export const shareBalance = defineRow<Plan>({
  number: 9,
  name: 'shared',
  title: '2–64 calls of one person with 60 s left',
  cases: { short: 8, long: 400 },
  atOnce: 2,
  plan,
  async open(world, sabotage) {
    const database = await world.openDatabase(sabotage);
    const sql = connect(database.url, { max: CONNECTIONS });
    return {
      play: (one, findings) => play(sql, one, findings),
      async close() {
        await sql.end({ timeout: 1 });
        await database.close();
      },
    };
  },
  controls: [
    {
      name: 'nobody locks the account',
      cuts: [
        ['private.lock_account', 'for update', ''],
        ['public.renew_call', 'for update of a, h', ''],
        ['public.renew_calls', 'for update of a, h', ''],
      ],
    },
  ],
});

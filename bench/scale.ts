import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { serverCpuSeconds } from './cpu-time.ts';
import { loadHistory } from './load-history.ts';
import { count, describeMachine, tableOf } from './results.ts';
import { startBenchServer } from './start-server.ts';

/** What is asked again and again, what operators and people list, and what operators see of all calls. */
function questions(person: string): [name: string, statement: string, repeat?: number][] {
  const own = `from public.voice_sessions where user_id = '${person}'`;
  return [
    ['all invariants at once', 'select * from audit_invariants()'],
    ['audit_some, a run of a second', 'select audit_some(1000)'],
    ['roll_up, a batch', 'select roll_up(5000)'],
    ['check_figures, a day', `select check_figures((now() - interval '3 days')::date)`],
    ['operator_analytics, 30 days', 'select operator_analytics(30)'],
    ['operator_analytics, 366 days', 'select operator_analytics(366)'],
    ['audit_figures', 'select audit_figures()'],
    ['job_figures', 'select * from job_figures()'],
    ['list_people_without_customer', 'select list_people_without_customer(0)'],
    ['expire_cards', 'select expire_cards()'],
    ['reap_calls', 'select reap_calls()'],
    ['decide_auto_top_ups', 'select decide_auto_top_ups()'],
    ['forget_activation_addresses', 'select forget_activation_addresses()'],
    ['seconds_to_next_lease_end', 'select seconds_to_next_lease_end()'],
    ['get_user_analytics', `select get_user_analytics('${person}')`],
    [
      "a person's calls",
      `select id, opened_at, receipt -> 'number' ${own} order by opened_at desc, id desc limit 21`,
    ],
    ["a person's balance", `select get_user_time_balance('${person}')`],
    ['verify_receipts', `select verify_receipts('${person}')`],
    [
      'stripe_events, done',
      `select id from stripe_events where status = 'done' order by received_at desc limit 100`,
    ],
    [
      'stripe_events, parked',
      `select id from stripe_events where status = 'parked' order by received_at desc limit 100`,
    ],
    [
      'purchases under review',
      `select id from purchases where status = 'review' order by created_at limit 100`,
    ],
    [
      'purchases of the last hour',
      `select id from purchases where status = 'succeeded' and created_at between now() - interval '1 hour' and now()
        order by created_at limit 1000`,
    ],
    [
      'purchases of unknown outcome',
      `select id from purchases where payment_intent_id is null
        and status not in ('processing', 'failed', 'canceled', 'review', 'succeeded', 'refused') order by created_at limit 200`,
    ],
  ];
}

/** Rows that were read of tables, by whatever way. */
async function rowsRead(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ rows: number }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as rows from pg_stat_xact_user_tables`;
  return row?.rows ?? 0;
}

async function measure(sql: postgres.Sql, pid: number, statement: string) {
  let rows = 0;
  const cpu = serverCpuSeconds(pid);
  let [seconds, startedMs] = [0, 0];
  await sql.begin(async (tx) => {
    const before = await rowsRead(tx as unknown as postgres.Sql);
    startedMs = performance.now();
    await tx.unsafe(statement);
    seconds = (performance.now() - startedMs) / 1000;
    rows = (await rowsRead(tx as unknown as postgres.Sql)) - before;
  });
  return { seconds, rows, cpu: serverCpuSeconds(pid) - cpu };
}

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '200000' },
    calls: { type: 'string', default: '5' },
    past: { type: 'string', default: '2' },
  },
});
const [people, callsEach, past] = [Number(values.people), Number(values.calls), Number(values.past)];
const startedAt = performance.now();
const progress = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${text}`);

console.log(JSON.stringify(describeMachine()));
const server = await startBenchServer();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server[Symbol.asyncDispose]().finally(() => process.exit(130)));
}
await loadHistory(server.sql, { people, callsEach, past }, progress);
// What was there before the migration, as it found it.
await server.sql`insert into private.settled_calls (call_id) select id from public.calls`;
await server.sql`select private.write_journal_of_before()`;
const [person] = await server.sql<{ id: string }[]>`select bench.person(1) as id`;
progress(
  `${count(people)} people, ${count(people * callsEach)} calls, ${count(people * (1 + callsEach + 2 * past))} entries`,
);
const results = [];
for (const [name, statement] of questions(person?.id ?? '')) {
  const { seconds, rows, cpu } = await measure(server.sql, server.pid, statement);
  results.push({
    name,
    value: `${seconds.toFixed(3)} s`,
    details: `${count(rows)} rows read, ${cpu.toFixed(2)} s of CPU`,
  });
  progress(`${name}: ${seconds.toFixed(3)} s, ${count(rows)} rows read`);
}
let [batches, startedAdding] = [0, performance.now()];
for (let status = 'more'; status === 'more'; batches++) {
  const [row] = await server.sql<{ status: string }[]>`select roll_up(5000) ->> 'status' as status`;
  status = row?.status ?? '';
}
const added = `${((performance.now() - startedAdding) / 1000).toFixed(1)} s`;
results.push({ name: 'roll_up, all from before', value: added, details: `${batches} batches` });
const round = performance.now();
let runs = 0;
for (let status = 'more'; status === 'more'; runs++) {
  const [row] = await server.sql<{ status: string }[]>`select audit_some(1000) ->> 'status' as status`;
  status = row?.status ?? '';
}
results.push({
  name: 'audit_some, a whole round',
  value: `${((performance.now() - round) / 1000).toFixed(1)} s`,
  details: `${runs} statements of a second`,
});
const after = await measure(server.sql, server.pid, 'select operator_analytics(366)');
results.push({
  name: 'operator_analytics, 366 days, all rolled up',
  value: `${after.seconds.toFixed(3)} s`,
  details: `${count(after.rows)} rows read`,
});
console.log(`\n${tableOf(results)}\n`);
await server[Symbol.asyncDispose]();
process.exit();

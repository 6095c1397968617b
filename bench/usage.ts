import { parseArgs } from 'node:util';
import type postgres from 'postgres';
import { loadPeople } from './load-people.ts';
import { count, describeMachine, median, type Result, range, tableOf } from './results.ts';
import { startBenchServer } from './start-server.ts';

/** A batch, as services report: what `POST /usage/track` takes at most. */
const BATCH = 100;
const PEOPLE = 2_000;
/** Tenants, each with so many of the people. */
const TENANTS = 100;
const MEMBERS = 20;
const DAYS = 60;
const PARTS = 8;

/** Rates of a shop: each tool and model has its own. */
const RATES = Array.from({ length: 20 }, (_, n) => [
  {
    kind: 'tool_call',
    tool: `tool_${n}`,
    price_micros_per_million: 1_000_000_000 + n,
    valid_from: '2020-01-01',
  },
  {
    kind: 'llm_output_token',
    model: `model_${n}`,
    cost_micros_usd_per_million: 1_600_000,
    markup_percent: 30,
    valid_from: '2020-01-01',
  },
]).flat();

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, batches: { type: 'string', default: '300' } },
});
const [events, batches] = [Number(values.events), Number(values.batches)];
const startedAt = performance.now();
const progress = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${text}`);

const person = (n: number) => `bench.person(${1 + (n % PEOPLE)})`;
const tenant = (n: number) => `md5('tenant ${n % TENANTS}')::uuid`;

async function prepare(sql: postgres.Sql): Promise<void> {
  await loadPeople(sql, { first: 1, people: PEOPLE, callsEach: 0, cardSeconds: 3600 });
  await sql.unsafe(`
    insert into tenants (id, name) select md5('tenant ' || n)::uuid, 'T' || n from generate_series(0, ${TENANTS - 1}) n;
    insert into tenant_members (tenant_id, user_id, role)
      select md5('tenant ' || n % ${TENANTS})::uuid, bench.person(1 + n), case when n < ${TENANTS} then 'owner' else 'member' end
      from generate_series(0, ${TENANTS * MEMBERS - 1}) n`);
  await sql`select set_rates(${sql.json(RATES)})`;
  await sql`select private.make_usage_partition((now() - make_interval(days => n * 28))::date) from generate_series(0, 4) n`;
  // The same rows, with nothing that makes them right: an identity, and one index to find them by.
  await sql.unsafe(`create table bench.raw (like public.usage_events including defaults);
    alter table bench.raw alter column unit drop not null, add primary key (occurred_month, id)`);
  await sql.unsafe(
    `create table bench.indexed (like public.usage_events including defaults including constraints including indexes including generated)`,
  );
}

const batchOf = (number: number) =>
  Array.from({ length: BATCH }, (_, n) => ({
    kind: n % 2 === 0 ? 'tool_call' : 'llm_output_token',
    ...(n % 2 === 0 ? { tool: `tool_${n % 20}` } : { model: `model_${n % 20}` }),
    quantity: 1 + n,
    occurred_at: new Date(Date.now() - 3_600_000).toISOString(),
    key: `${number}:${n}`,
    metadata: { outcome: 'ok' },
  }));

const rawInsert = (
  table: string,
  n: number,
) => `insert into bench.${table} (occurred_month, occurred_at, owner_id, tenant_id, user_id, kind,
    tool, model, quantity, cost_micro_usd, price_micros, currency, rate_id, metadata, key)
  select date_trunc('month', e.occurred_at at time zone 'utc')::date, e.occurred_at, ${tenant(n)}, ${tenant(n)}, ${person(n)}, e.kind, e.tool,
    e.model, e.quantity, 1, 1, 'usd', 1, e.metadata, e.key
  from jsonb_to_recordset($1) e (occurred_at timestamptz, kind text, tool text, model text, quantity bigint, metadata jsonb, key text)`;

/** Batches by each way, by turns, so that what else the machine does falls upon all of them. */
async function compareWriting(sql: postgres.Sql): Promise<Result[]> {
  const ways = {
    raw: (n: number, sent: object[]) => sql.unsafe(rawInsert('raw', n), [sent as never]),
    indexed: (n: number, sent: object[]) => sql.unsafe(rawInsert('indexed', n), [sent as never]),
    track: (n: number, sent: object[]) =>
      sql.unsafe(`select track_usage(${person(n)}, ${tenant(n)}, $1)`, [sent as never]),
    repeat: (n: number, sent: object[]) =>
      sql.unsafe(`select track_usage(${person(n)}, ${tenant(n)}, $1)`, [sent as never]),
    record: (n: number, sent: object[]) =>
      sql.unsafe(
        `select count(*) from private.record_usage(array(select row(e.occurred_at, ${person(n)}, ${tenant(n)}, null, e.kind, e.tool, null, null,
          e.model, e.quantity, e.metadata, 'call:' || e.key, false)::private.usage_entry
        from jsonb_to_recordset($1) e (occurred_at timestamptz, kind text, tool text, model text, quantity bigint, metadata jsonb, key text)))`,
        [sent as never],
      ),
  };
  const names = Object.keys(ways) as (keyof typeof ways)[];
  const rates: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let part = 0; part < PARTS; part++) {
    for (const name of names) {
      const startedMs = performance.now();
      for (let n = 0; n < batches / PARTS; n++) {
        const number = part * batches + n;
        await ways[name](number, batchOf(number));
      }
      rates[name]?.push((Math.ceil(batches / PARTS) * BATCH * 1000) / (performance.now() - startedMs));
    }
  }
  const labels = {
    raw: 'raw insert, one index',
    indexed: 'raw insert, the same checks and indexes',
    track: 'track_usage',
    repeat: 'track_usage, all sent again',
    record: 'record_usage',
  };
  return names.map((name) => {
    const own = rates[name] ?? [];
    const ratios = own.map((rate, index) => rate / (rates.raw?.[index] ?? Number.NaN));
    return {
      name: labels[name],
      value: `${count(median(own))} events/s`,
      ...(name !== 'raw' && { ratio: { median: median(ratios), range: range(ratios), to: 'of raw' } }),
      details: `${BATCH} events a statement, one connection`,
    };
  });
}

/** Of a call with three models and two tools, as a worker sends it. */
const MEASURES = {
  turns: 2,
  interruptions: 0,
  errors: 0,
  provider_cost_micros: 1,
  unpriced: [],
  llm: [
    {
      model: 'model_1',
      provider: 'api.example.com',
      input_tokens: 4000,
      cached_tokens: 1000,
      output_tokens: 300,
    },
  ],
  tts: [{ model: 'v', provider: 'api.example.com', characters: 900, audio_ms: 60_000 }],
  stt: [{ model: 's', provider: 'api.example.com', audio_ms: 120_000 }],
  tools: [
    { tool: 'tool_1', ok: 1, refused: 0, failed: 0, unfinished: 0 },
    { tool: 'tool_2', ok: 2, refused: 0, failed: 0, unfinished: 0 },
  ],
};

/** What recording adds to the settlement of a call, by turns with and without it. */
async function compareSettling(sql: postgres.Sql): Promise<Result> {
  const calls = batches * 4;
  const rates: Record<'enable' | 'disable', number[]> = { enable: [], disable: [] };
  for (let part = 0; part < PARTS; part++) {
    for (const verb of ['disable', 'enable'] as const) {
      const ids = Array.from({ length: Math.ceil(calls / PARTS) }, () => crypto.randomUUID());
      for (const [n, id] of ids.entries())
        await sql.unsafe(`select open_call('${id}', ${person(n)}, '${id}', 30, 15, 1000)`);
      await sql.unsafe(`alter table calls ${verb} trigger record_call_usage`);
      const startedMs = performance.now();
      for (const id of ids)
        await sql`select settle_call(${id}, 1, 20000, 'hang_up', p_measures => ${sql.json(MEASURES)})`;
      rates[verb].push((ids.length * 1000) / (performance.now() - startedMs));
    }
  }
  const ratios = rates.enable.map((rate, index) => rate / (rates.disable[index] ?? Number.NaN));
  return {
    name: 'settle_call with 9 events',
    value: `${count(median(rates.enable))} calls/s`,
    ratio: { median: median(ratios), range: range(ratios), to: 'of settling without' },
    details: 'one connection; after the call, and never in a turn',
  };
}

/**
 * What stands there by and by: each tool and kind, over all days, by all tenants and people. 5 % come late, and 3 % come again.
 */
async function load(sql: postgres.Sql, from: number, to: number): Promise<void> {
  const step = 10_000;
  const one = (where: string, n: number) =>
    sql.unsafe(`select count(*) from private.record_usage(array(
      select row(date_trunc('day', now()) - make_interval(secs => (case when n % 20 = 0 then hashint8(n) & 2147483647 else (${events} - n) end)::float8
          / case when n % 20 = 0 then 2147483648.0 else ${events} end * ${DAYS} * 86400),
        bench.person(1 + n % ${PEOPLE}), case when n % 4 < 3 then md5('tenant ' || n % ${TENANTS})::uuid end, null,
        case when n % 3 = 0 then 'llm_output_token' else 'tool_call' end, case when n % 3 = 0 then null else 'tool_' || n % 20 end, null, null,
        case when n % 3 = 0 then 'model_' || n % 20 end, 1 + n % 50, '{}', 'load:' || n, false)::private.usage_entry
      from generate_series(${n}::bigint, ${Math.min(to, n + step) - 1}) n where ${where}))`);
  for (let n = from; n < to; n += step) {
    await one('true', n);
    await one('n % 33 = 0', Math.max(from, n - step));
  }
}

/** Whether the table, and the sums, have each event once, to the unit. */
async function expectExact(sql: postgres.Sql, loaded: number): Promise<void> {
  const [row] = await sql<{ rows: number; quantity: string; right: string; summed: string }[]>`
    select count(*) filter (where key like 'load:%')::int as rows, sum(quantity) filter (where key like 'load:%')::text as quantity,
      (select sum(1 + n % 50)::text from generate_series(0, ${loaded}::bigint - 1) n) as right,
      ((select sum(quantity) from private.usage_figures where grain = 'day' and (user_id = private.nobody() or owner_id = user_id))
        - (select coalesce(sum(quantity), 0) from usage_events where key not like 'load:%'))::text as summed from usage_events`;
  if (row?.rows !== loaded || row.quantity !== row.right || row.summed !== row.right) {
    throw new Error(`not exact: ${JSON.stringify({ loaded, ...row })}`);
  }
}

async function rollUp(sql: postgres.Sql): Promise<number> {
  let batches = 0;
  for (let status = 'more'; status === 'more'; batches++) {
    const [row] = await sql<{ status: string }[]>`select roll_up_usage(5000) ->> 'status' as status`;
    status = row?.status ?? '';
  }
  return batches;
}

const MONTH = `(now() - interval '30 days')::date, (now() + interval '1 day')::date`;
const QUESTIONS: [name: string, statement: string][] = [
  ...['day', 'kind', 'tool', 'person'].map((by): [string, string] => [
    `a tenant's month, by ${by}`,
    `select usage_summary(${person(0)}, ${tenant(0)}, ${MONTH}, '${by}')`,
  ]),
  ["a person's month, by day", `select usage_summary(${person(3)}, null, ${MONTH}, 'day')`],
  [
    "a tenant's week, by hour",
    `select usage_summary(${person(0)}, ${tenant(0)}, (now() - interval '7 days')::date, (now() + interval '1 day')::date, 'hour')`,
  ],
  [
    "a tenant's month, of the events",
    `select sum(quantity) from usage_events where tenant_id = ${tenant(0)} and occurred_at > now() - interval '30 days'`,
  ],
  ['a day checked', `select check_usage((now() - interval '20 days')::date)`],
];

async function ask(sql: postgres.Sql, statement: string): Promise<{ seconds: number; rows: number }> {
  const read = `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as rows from pg_stat_xact_user_tables`;
  await sql.unsafe(statement);
  return await sql.begin(async (tx) => {
    const [before] = await tx.unsafe(read);
    const startedMs = performance.now();
    await tx.unsafe(statement);
    const seconds = (performance.now() - startedMs) / 1000;
    const [after] = await tx.unsafe(read);
    return { seconds, rows: after?.rows - before?.rows };
  });
}

console.log(JSON.stringify(describeMachine()));
const server = await startBenchServer();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server[Symbol.asyncDispose]().finally(() => process.exit(130)));
}
const { sql } = server;
await prepare(sql);
progress('writing, by turns');
const results = await compareWriting(sql);
progress('settling, by turns');
results.push(await compareSettling(sql));
const asked = new Map<string, string[]>();
for (const part of [0.1, 1]) {
  progress(`${count(events * part)} events`);
  await load(sql, part === 1 ? events / 10 : 0, events * part);
  await sql.unsafe('analyze public.usage_events');
  const startedMs = performance.now();
  const batchesDone = await rollUp(sql);
  const seconds = (performance.now() - startedMs) / 1000;
  progress(`rolled up in ${seconds.toFixed(1)} s, ${batchesDone} batches`);
  await expectExact(sql, events * part);
  progress('exact to the unit, in the table and in the sums');
  await sql.unsafe('vacuum analyze private.usage_figures');
  for (const [name, statement] of QUESTIONS) {
    const { seconds, rows } = await ask(sql, statement);
    asked.set(name, [...(asked.get(name) ?? []), `${(seconds * 1000).toFixed(0)} ms, ${count(rows)} rows`]);
  }
}
for (const [name, [small = '', large = '']] of asked) {
  results.push({ name, value: large, details: `with a tenth of the events: ${small}` });
}
console.log(`\n${tableOf(results)}\n`);
await server[Symbol.asyncDispose]();
process.exit();

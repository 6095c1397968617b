import fc from 'fast-check';
import type postgres from 'postgres';
import { describe, expect } from 'vitest';
import { connect } from '../support/connect.ts';
import type { TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { expectFound, type Mistake } from '../support/mistakes.ts';
import { until } from '../support/sidecar.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { undone } from '../support/undone.ts';
import { addPerson } from '../time/people.ts';
import { addTenant, talk, talker, toolCall, track } from './usage.ts';

const WRITERS = 3;
const DAY_MS = 86_400_000;

/** Where what is shown (sums and tail) differs from what the events come to, in one look. */
async function differencesOf(sql: postgres.ISql, grain = 'hour'): Promise<string[]> {
  const sums =
    'sum(events) as events, sum(quantity) as quantity, sum(price_micros) as price, sum(events_without_price) as without';
  const key = 'at, owner_id, user_id, kind, tool, currency';
  const tail =
    grain === 'hour'
      ? 'union all select f.* from private.usage_rolled_up r, private.figures_of_usage(r.upto, null) f'
      : '';
  const shown = `select ${key}, ${sums} from (select * from private.usage_figures where grain = '${grain}' ${tail}) s group by ${key}`;
  const right = `select date_trunc('${grain}', occurred_at, 'utc') as at, owner_id, p.user_id, kind, coalesce(tool, '') as tool, currency,
      count(*)::numeric, sum(quantity), coalesce(sum(price_micros), 0), (count(*) filter (where price_micros is null))::numeric
    from usage_events u cross join lateral (select u.user_id union all
      select '00000000-0000-0000-0000-000000000000' where u.tenant_id is not null) p (user_id) group by 1, 2, 3, 4, 5, 6`;
  const rows =
    await sql.unsafe(`(select 'only shown' as what, to_jsonb(d)::text as row from (${shown} except ${right}) d)
    union all (select 'not shown', to_jsonb(d)::text from (${right} except ${shown}) d)`);
  return rows.map(({ what, row }) => `${what}: ${row}`);
}
const look = (sql: postgres.Sql) => sql.begin('isolation level repeatable read', (sql) => differencesOf(sql));
const rollUp = async (sql: postgres.ISql, limit = 5000): Promise<string> =>
  (await sql`select roll_up_usage(${limit}) ->> 'status' as status`)[0]?.status;
/** A transaction of any database of the server holds back what is newer. */
const rollUpAll = (sql: postgres.ISql) =>
  until(async () => {
    await rollUp(sql);
    const [row] =
      await sql`select count(*)::int as rest from usage_events u, private.usage_rolled_up r where u.xid >= r.upto`;
    return row?.rest === 0;
  });

type Step =
  | { do: 'track' | 'talk'; writer: number; size: number; days: number; isTenants: boolean }
  | { do: 'end'; writer: number; how: 'commit' | 'rollback' }
  | { do: 'roll up'; limit: number }
  | { do: 'look' };
const writer = fc.nat(WRITERS - 1);
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('track', 'track', 'talk'),
        writer,
        size: fc.integer({ min: 1, max: 20 }),
        days: fc.nat(70),
        isTenants: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('end'),
        writer,
        how: fc.constantFrom('commit', 'commit', 'rollback'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('roll up'), limit: fc.constantFrom(1, 3, 5000) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('look') }) },
  ),
  { minLength: 4, maxLength: 24 },
) as fc.Arbitrary<Step[]>;

type Writer = { sql: postgres.Sql; isOpen: boolean; userId: string; tenantId: string };

async function play(db: TestDatabase, writers: Writer[], history: Step[]): Promise<void> {
  const end = async (one: Writer | undefined, how: string) => {
    if (!one?.isOpen) return;
    one.isOpen = false;
    await one.sql.unsafe(how);
  };
  try {
    for (const step of history) {
      if (step.do === 'roll up') await rollUp(db.sql, step.limit);
      else if (step.do === 'look') expect(await look(db.sql)).toEqual([]);
      else if (step.do === 'end') await end(writers[step.writer], step.how);
      else {
        const one = writers[step.writer] as Writer;
        if (!one.isOpen) await one.sql`begin`;
        one.isOpen = true;
        const occurred_at = new Date(Date.now() - step.days * DAY_MS).toISOString();
        const events = Array.from({ length: step.size }, () => toolCall({ occurred_at }));
        if (step.do === 'talk') await talk(one.sql, one.userId, step.size);
        else await track(one.sql, one.userId, events, step.isTenants ? one.tenantId : null);
      }
    }
  } finally {
    for (const one of writers) await end(one, 'commit');
  }
  expect(await look(db.sql)).toEqual([]);
}

const MISTAKES: Mistake[] = [
  [
    'the newest transaction is taken for the end, as where a number or a clock is the watermark',
    'private.end_of_usage_batch',
    'pg_snapshot_xmin(pg_current_snapshot())',
    'pg_snapshot_xmax(pg_current_snapshot())',
  ],
  ['a transaction is parted', 'private.figures_of_usage', 'where u.xid >= p_from', 'where u.xid > p_from'],
  [
    'what stands in the sums is read in the tail, too',
    'private.figures_of_usage',
    '(p_upto is null or u.xid < p_upto)',
    '(p_upto is null or u.xid <= p_upto)',
  ],
];

describe('usage that is rolled up beside writers', () => {
  const withWriters = async (db: TestDatabase, work: (writers: Writer[]) => Promise<void>) => {
    const writers: Writer[] = [];
    for (let index = 0; index < WRITERS; index++) {
      const userId = await talker(db.sql, 10_000_000);
      const tenantId = await addTenant(db.sql, [userId]);
      writers.push({ sql: connect(db.url, { max: 1 }), isOpen: false, userId, tenantId });
    }
    try {
      await work(writers);
    } finally {
      for (const { sql } of writers) await sql.end({ timeout: 1 });
    }
  };

  test('whoever writes, commits late or rolls back, sums and tail together are the events, at every look', async ({
    db,
  }) => {
    await withWriters(db, async (writers) => {
      await fc.assert(
        fc.asyncProperty(steps, (history) => play(db, writers, history)),
        { numRuns: times(8, 150) },
      );
    });
    await rollUpAll(db.sql);
    expect(await look(db.sql)).toEqual([]);
    expect(await differencesOf(db.sql, 'day')).toEqual([]);
  });

  test.for(MISTAKES)('finds: %s', async (mistake, { db }) => {
    await withWriters(db, async (writers) => {
      await expectFound(
        db,
        mistake,
        fc.asyncProperty(steps, (history) => play(db, writers, history)),
        40,
      );
    });
    // What the mistake did to the sums goes with it.
    await db.sql`select private.begin_usage_figures_anew()`;
    expect(await look(db.sql)).toEqual([]);
  });
});

test('the check of a night finds a sum that is wrong and a call that left nothing, and mends both', async ({
  db,
}) => {
  const { sql } = db;
  const userId = await talker(sql);
  await sql`alter table calls disable trigger record_call_usage`;
  const callId = await talk(sql, userId, 7, null);
  await sql`alter table calls enable trigger record_call_usage`;
  await talk(sql, userId, 5, null);
  await rollUpAll(sql);
  const check = async () =>
    (await sql`select check_usage((now() at time zone 'utc')::date) as answer`)[0]?.answer;
  expect(await check()).toMatchObject({ status: 'same', missing: 1 });
  expect(await check()).toMatchObject({ status: 'same', missing: 0 });
  await sql`select record_missing_usage()`;
  const [row] =
    await sql`select sum(quantity)::int as seconds, bool_or(call_id = ${callId}) as found from usage_events where owner_id = ${userId}`;
  expect(row).toEqual({ seconds: 12, found: true });
  await rollUpAll(sql);
  await sql`update private.usage_figures set quantity = quantity + 1 where owner_id = ${userId} and grain = 'day'`;
  expect(await check()).toMatchObject({ status: 'replaced' });
  expect(await differencesOf(sql, 'day')).toEqual([]);
});

test('everybody is shown theirs, and a tenant to whom it concerns', async ({ db: { sql } }) => {
  const [owner, member, stranger] = [
    await addPerson(sql),
    await addPerson(sql),
    await addPerson(sql),
  ] as const;
  const tenantId = await addTenant(sql, [owner, member]);
  await track(sql, owner, [toolCall(), toolCall({ tool: 'other' })], tenantId);
  await track(sql, member, [toolCall({ quantity: 3 })], tenantId);
  await track(sql, member, [toolCall({ quantity: 100 })]);
  const [day] =
    await sql`select (now() at time zone 'utc')::date::text as today, ((now() at time zone 'utc')::date + 1)::text as tomorrow`;
  const summary = async (userId: string, by: string, tenant: string | null = tenantId) => {
    const [row] =
      await sql`select usage_summary(${userId}, ${tenant}, ${day?.today}, ${day?.tomorrow}, ${by}) as answer`;
    const { rows, ...rest } = row?.answer ?? {};
    return {
      ...rest,
      ...(rows && {
        rows: rows.map((one: Record<string, unknown>) => [one.user_id ?? one.tool ?? one.kind, one.quantity]),
      }),
    };
  };
  const both = async (check: () => Promise<void>) => {
    await check();
    await rollUpAll(sql);
    await check();
  };
  await both(async () => {
    for (const by of ['hour', 'day', 'kind']) {
      expect(await summary(owner, by)).toEqual({ status: 'ok', scope: 'tenant', rows: [['tool_call', 5]] });
      expect(await summary(member, by)).toEqual({ status: 'ok', scope: 'own', rows: [['tool_call', 3]] });
      expect(await summary(member, by, null)).toMatchObject({ rows: [['tool_call', 100]] });
    }
    expect((await summary(owner, 'tool')).rows).toEqual([
      ['other', 1],
      ['search', 4],
    ]);
    expect((await summary(owner, 'person')).rows.toSorted()).toEqual(
      [
        [owner, 2],
        [member, 3],
      ].toSorted(),
    );
    expect((await summary(member, 'person')).rows).toEqual([[member, 3]]);
    expect(await summary(stranger, 'day')).toEqual({ status: 'not_a_member' });
  });
  await sql`delete from tenant_members where user_id = ${member}`;
  expect(await summary(member, 'day')).toEqual({ status: 'not_a_member' });
  for (const [from, to, by] of [
    ['2026-01-02', '2026-01-02', 'day'],
    ['2026-01-01', '2026-02-02', 'hour'],
    ['-infinity', 'infinity', 'day'],
    ['2026-01-01', '2026-01-02', 'week'],
    ['2020-01-01', '2026-01-01', 'day'],
  ] as const) {
    const [row] =
      await sql`select usage_summary(${owner}, null, ${from}::text::date, ${to}::text::date, ${by}) as answer`;
    expect(row?.answer).toEqual({ status: 'out_of_range' });
  }
});

test('books that were restored into another server are rolled up no further until they begin anew', async ({
  db,
}) => {
  await undone(db, async (sql) => {
    await sql`update private.usage_rolled_up set upto = '9000000000'`;
    expect(await rollUp(sql)).toBe('busy');
    expect([
      ...(await sql`select subject from reconciliation_findings where kind = 'figures_of_another_server'`),
    ]).toEqual([{ subject: 'usage_rolled_up' }]);
  });
});

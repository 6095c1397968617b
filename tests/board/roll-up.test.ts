import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type postgres from 'postgres';
import { describe, expect } from 'vitest';
import { connect } from '../support/connect.ts';
import type { TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { expectFound, type Mistake } from '../support/mistakes.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { type Bank, buy, createBank, overSql } from '../time/bank.ts';
import { addPerson, giveTime } from '../time/people.ts';
import { daysThatDiffer, differencesOf, rollUp } from './figures.ts';

const WRITERS = 3;
const MEASURES = {
  turns: 2,
  interruptions: 1,
  errors: 1,
  latency_p50_ms: 900,
  latency_p95_ms: 2100,
  provider_cost_micros: 30_000,
  quality: 90,
  unpriced: ['my-model'],
  errors_by_provider: { 'llm@api.openai.com': 1 },
  llm: [{ model: 'my-model', provider: 'api.openai.com' }],
  version: '1.0',
  turn_parts: ['end_of_turn', 'transcription', 'llm_first_token', 'tts_first_byte', 'whole'],
  latest_turns: [
    [400, 200, 300, 150, 900],
    [700, 300, 2000, 150, 2100],
  ],
};

type Step =
  | {
      do: 'write';
      writer: number;
      what: 'buy' | 'talk' | 'refund' | 'expire' | 'sign up' | 'long ago';
      size: number;
    }
  | { do: 'end'; writer: number; how: 'commit' | 'rollback' }
  | { do: 'roll up'; limit: number }
  | { do: 'look' };

const writer = fc.nat(WRITERS - 1);
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        writer,
        what: fc.constantFrom('buy', 'talk', 'talk', 'refund', 'expire', 'sign up', 'long ago'),
        size: fc.integer({ min: 1, max: 500 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('end' as const),
        writer,
        how: fc.constantFrom('commit', 'commit', 'commit', 'rollback'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('roll up' as const), limit: fc.constantFrom(1, 3, 5000) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  ),
  { minLength: 4, maxLength: 24 },
) as fc.Arbitrary<Step[]>;

/** Somebody who writes in transactions that stay open while others write, roll up and look. */
class Writer {
  #isOpen = false;
  #bank: Bank;
  #person = '';
  #paid: { intentId: string; refunded: number }[] = [];
  /** How it was when the transaction began: a person who is rolled back was never there. */
  #before = { person: '', paid: [] as { intentId: string; refunded: number }[] };
  readonly sql: postgres.Sql;

  constructor(url: string) {
    this.sql = connect(url, { max: 1 });
    this.#bank = createBank(overSql(this.sql));
  }

  async #begin(): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#before = { person: this.#person, paid: this.#paid.map((paid) => ({ ...paid })) };
    await this.sql`begin`;
  }

  async write({ what, size }: Extract<Step, { do: 'write' }>): Promise<void> {
    await this.#begin();
    const { sql } = this;
    if (this.#person === '') {
      this.#person = await addPerson(sql);
      this.#paid = [{ intentId: (await buy(this.#bank, this.#person, 'starter')).intentId, refunded: 0 }];
    }
    if (what === 'buy') {
      const { cardId, intentId } = await buy(this.#bank, this.#person, size % 2 === 0 ? 'starter' : 'basic');
      if (size % 3 > 0) await sql`select note_payment_fee(${cardId}, ${intentId}, ${size}, 'usd')`;
      this.#paid.push({ intentId, refunded: 0 });
    } else if (what === 'talk' || what === 'long ago') {
      const callId = randomUUID();
      const { status } = await this.#bank.open(this.#person, { callId, slice: 3600, max: 100 });
      if (status !== 'open') return;
      const hours = what === 'talk' ? 0 : size * 3;
      await sql`update calls set opened_at = now() - make_interval(hours => ${hours}) where id = ${callId}`;
      await sql`select settle_call(${callId}, 1, ${size * 1000}, 'hang_up', p_measures => ${sql.json(MEASURES)})`;
      // Rated, and by some once more; and some ask for help with it.
      for (const score of [1 + (size % 5), 1 + (size % 3)])
        await sql`select rate_call(${this.#person}, ${callId}, ${score})`;
      await sql`select ask_for_help(${this.#person}, ${callId}, 'call', ${callId}, 'help')`;
    } else if (what === 'refund') {
      const paid = this.#paid[size % this.#paid.length];
      if (paid === undefined) return;
      paid.refunded = Math.min(900, paid.refunded + size);
      await this.#bank.refund(paid.intentId, paid.refunded);
    } else if (what === 'expire') {
      await sql`update grants set expires_at = now() - interval '1 second' where account_id = ${this.#person}
        and status = 'active'`;
      await this.#bank.sweep();
      await giveTime(sql, this.#person, 600);
    } else {
      await addPerson(sql);
    }
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    if (!this.#isOpen) return;
    await this.sql.unsafe(how);
    if (how === 'rollback') [this.#person, this.#paid] = [this.#before.person, this.#before.paid];
    this.#isOpen = false;
  }
}

/** Within one snapshot, so that both sides see the same rows. */
const look = (sql: postgres.Sql) => sql.begin('isolation level repeatable read', differencesOf);

async function playSteps(db: TestDatabase, writers: Writer[], history: Step[]): Promise<void> {
  try {
    for (const step of history) {
      if (step.do === 'write') await writers[step.writer]?.write(step);
      else if (step.do === 'end') await writers[step.writer]?.end(step.how);
      else if (step.do === 'roll up') await rollUp(db.sql, step.limit);
      else expect(await look(db.sql)).toEqual([]);
    }
  } finally {
    for (const each of writers) await each.end('commit');
  }
  expect(await look(db.sql)).toEqual([]);
  while ((await rollUp(db.sql)) === 'more');
  expect(await look(db.sql)).toEqual([]);
  expect(await daysThatDiffer(db.sql)).toEqual([]);
}

const MISTAKES: Mistake[] = [
  [
    'what has the highest number so far is taken for the end, as where a number or a clock is the watermark',
    'private.end_of_batch',
    'pg_snapshot_xmin(pg_current_snapshot())',
    'pg_snapshot_xmax(pg_current_snapshot())',
  ],
  [
    'what a rating was before it was changed stays',
    'private.note_rating',
    "(values (case when tg_op <> 'INSERT' then old.score end, -1)",
    '(values (null::smallint, -1)',
  ],
  [
    'a transaction is parted',
    'private.written_between',
    'from public.ledger where xid >= p_from',
    'from public.ledger where xid > p_from',
  ],
  [
    'a changed rate counts for seconds that are counted at it already',
    'private.figures_of_earnings',
    '(l.xid is null or l.xid < p_from)',
    'true',
  ],
  [
    'a day between two others is added to the gap instead of parting it',
    'private.figures_of_activity',
    '(partition by user_id order by day), -1 from days where not is_fresh',
    '(partition by user_id order by day), 0 from days where not is_fresh',
  ],
];

// Half a minute: each history is committed by three writers, and every look compares all rows with all sums.
describe('sums that are rolled up beside writers', () => {
  const withWriters = async (db: TestDatabase, work: (writers: Writer[]) => Promise<void>) => {
    const writers = Array.from({ length: WRITERS }, () => new Writer(db.url));
    try {
      await work(writers);
    } finally {
      for (const { sql } of writers) await sql.end({ timeout: 1 });
    }
  };

  test('whoever writes, commits late or rolls back, sums and tail together are the rows, at every look', async ({
    db,
  }) => {
    await withWriters(db, async (writers) => {
      await fc.assert(
        fc.asyncProperty(steps, (history) => playSteps(db, writers, history)),
        { numRuns: times(8, 150) },
      );
    });
  });

  test.for(MISTAKES)('finds: %s', async (mistake, { db }) => {
    await withWriters(db, async (writers) => {
      const property = fc.asyncProperty(steps, (history) => playSteps(db, writers, history));
      await expectFound(db, mistake, property, 40);
    });
    // What the mistake did to the sums goes with it.
    await db.sql`select private.begin_figures_anew()`;
    expect(await look(db.sql)).toEqual([]);
  });
});

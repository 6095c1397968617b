import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { patience } from '../support/patience.ts';
import { addPerson } from '../time/people.ts';
import { check, plans } from './auto-top-up-model.ts';
import { play, type Step } from './auto-top-up-player.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.sql`update pricing_tiers set active = false where id not in ('starter', 'basic')`;
});
afterAll(() => db.close());

test('no interleaving charges twice at once, beyond the cap, or after the breaker opened', async () => {
  let charged = 0;
  const property = fc.asyncProperty(plans, async (groups) => {
    charged += await check(db.sql, groups);
  });
  const numRuns = Number(process.env.PROPERTY_RUNS ?? times(20, 60));
  await fc.assert(property, { numRuns, interruptAfterTimeLimit: 100_000 });
  console.log(`automatic top-ups: ${charged} charges begun`);
  expect(charged).toBeGreaterThan(20);
  expect(await db.sql`select * from audit_invariants()`).toEqual([]);
});

type Cut = [routine: string, guard: string, instead: string];
const CAP: Cut[] = [
  ['private.decide_auto_top_up', '> v_setting.monthly_cap_cents', '> 100000000'],
  // Who is over the cap is left out of the queue, too.
  ['public.decide_auto_top_ups', '<= s.monthly_cap_cents', '<= 100000000'],
];
const BREAKER: Cut[] = [
  ['private.end_charge', "p_status = 'declined' and v_setting.consecutive_declines >= 2", 'false'],
];
const ASKED: Cut[] = [['private.end_charge', "p_status <> 'canceled' or tried_at is null", 'true']];

test.each([
  ['the cap', CAP],
  ['the breaker', BREAKER],
  ['that Stripe was asked', ASKED],
])(
  'and a decision that forgets %s is found out',
  async (_what, cuts) => {
    const mutant = await createTestDatabase();
    try {
      for (const [routine, guard, instead] of cuts) {
        const [row] = await mutant.sql`select pg_get_functiondef(${routine}::regproc) as definition`;
        const changed = String(row?.definition).replace(guard, instead);
        expect(changed).toContain(instead);
        expect(changed).not.toContain(guard);
        await mutant.sql.unsafe(changed);
      }
      const found = await fc.check(
        fc.asyncProperty(plans, async (groups) => void (await check(mutant.sql, groups))),
        {
          numRuns: 600,
          endOnFailure: true,
          interruptAfterTimeLimit: patience(60_000),
        },
      );
      expect(found.failed).toBe(true);
      expect(found.interrupted).toBe(false);
      // By an expectation, not by a statement that broke off.
      expect(String(found.errorInstance)).toContain('AssertionError');
    } finally {
      await mutant.close();
    }
  },
  patience(120_000),
);

test('two declines in a row open the breaker; a success in between does not count', async () => {
  const userId = await addPerson(db.sql);
  const person = play(db.sql, userId);
  const go = async (...steps: Step[]) => {
    for (const one of steps) await person.run(one);
  };
  const end = (as: 'succeeded' | 'failed'): Step => ({ do: 'end', as, ways: ['worker', 'webhook'] });
  await go({ do: 'consent', terms: 0 }, { do: 'decide' }, end('failed'), { do: 'decide' }, end('succeeded'));
  await go({ do: 'talk' }, { do: 'decide' }, end('failed'));
  expect(await person.setting()).toMatchObject({ status: 'active', consecutive_declines: 1 });
  await go({ do: 'decide' }, end('failed'), { do: 'decide' }, { do: 'next_month' }, { do: 'decide' });
  expect(await person.setting()).toMatchObject({ status: 'stopped', consecutive_declines: 2 });
  expect(await person.charges()).toHaveLength(4);
  await go({ do: 'consent', terms: 0 }, { do: 'decide' });
  expect(await person.charges('in_flight')).toHaveLength(1);
});

test('which the lock and the index are for: without them there are two charges at once', async () => {
  const loose = await createTestDatabase();
  try {
    await loose.sql`drop index private.auto_top_up_charges_one_in_flight`;
    const [row] =
      await loose.sql`select pg_get_functiondef('private.decide_auto_top_up'::regproc) as definition`;
    const guarded = row?.definition as string;
    const unguarded = guarded
      .replace('private.lock_account(p_user_id)', '(select a from public.accounts a where id = p_user_id)')
      .replace('for update', '')
      // Widens the moment between looking and charging.
      .replace('v_begun :=', 'perform pg_sleep(0.3); v_begun :=');
    expect(unguarded).not.toContain('for update');
    await loose.sql.unsafe(unguarded);
    const userId = await addPerson(loose.sql);
    const person = play(loose.sql, userId);
    await person.run({ do: 'consent', terms: 0 });
    await Promise.all(Array.from({ length: 6 }, () => person.run({ do: 'decide' })));
    expect((await person.charges('in_flight')).length).toBeGreaterThan(1);
  } finally {
    await loose.close();
  }
});

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addPerson } from '../time/people.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.sql`update pricing_tiers set active = false where id not in ('starter', 'basic')`;
});
afterAll(() => db.close());

/** Prices of what is bought, in cents; the caps allow two and a half of the cheap ones, or one of the others. */
const TERMS = [
  { packageId: 'starter', cap: 2500 },
  { packageId: 'basic', cap: 5000 },
] as const;

type Step =
  | { do: 'decide' | 'disable' | 'talk' | 'next_month' | 'give_up' }
  | { do: 'consent'; terms: 0 | 1 }
  /** Stripe's end of whatever is in flight, told over these ways, at once. */
  | { do: 'end'; as: 'succeeded' | 'failed' | 'canceled'; ways: ('webhook' | 'worker')[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>({ do: 'decide' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'disable' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'talk' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'next_month' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'give_up' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('consent' as const), terms: fc.constantFrom(0, 1) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      as: fc.constantFrom('succeeded', 'failed', 'failed', 'canceled'),
      ways: fc.constantFrom<('webhook' | 'worker')[]>(
        ['webhook'],
        ['worker', 'webhook'],
        ['webhook', 'webhook'],
      ),
    }),
  },
);

type Charge = { id: string; purchase: string; amount: number; status: string };

/** One person, and Stripe as it may behave: an intent ends once, in one way, however often that is told. */
function play(sql: postgres.Sql, userId: string) {
  const ends = new Map<string, string>();
  const charges = async (status?: string) =>
    (
      await sql<Charge[]>`select id, purchase_id as purchase, amount_cents as amount, status
      from private.auto_top_up_charges where user_id = ${userId} order by created_at, id`
    ).filter((charge) => status === undefined || charge.status === status);

  async function tell({ purchase, amount, id }: Charge, way: 'webhook' | 'worker', end: string) {
    if (way === 'worker') {
      // The worker only tells of declines; all else it leaves to the order.
      if (end !== 'succeeded') await sql`select public.decline_auto_top_up_charge(${id})`;
      return;
    }
    const intent = `pi_${purchase}`;
    await sql`select public.attach_payment_intent(${purchase}, ${intent})`;
    await sql`select public.apply_payment(${`evt_${randomUUID()}`}, 'test', ${purchase}, ${intent}, ${end},
      ${end === 'succeeded' ? amount : 0}, 0, 'usd', 'card_declined', '[]', '[]', null)`;
  }

  async function end(as: string, ways: ('webhook' | 'worker')[]) {
    for (const charge of await charges('in_flight')) {
      const [row] = await sql`select public.claim_auto_top_up_charge(${charge.id}) as answer`;
      if (row?.answer.status !== 'charge') continue;
      if (!ends.has(charge.id)) ends.set(charge.id, as);
      const final = ends.get(charge.id) ?? as;
      await Promise.all(ways.map((way) => tell(charge, way, final)));
    }
  }

  return {
    charges,
    ends,
    async run(one: Step): Promise<void> {
      switch (one.do) {
        case 'decide':
          return void (await sql`select public.decide_auto_top_ups()`);
        case 'disable':
          return void (await sql`select public.disable_auto_top_up(${userId})`);
        case 'talk':
          return void (await sql`select public.deduct_user_time(${userId}, 55)`);
        case 'next_month':
          return void (await sql`update private.auto_top_up_charges set created_at = created_at - interval '32 days'
            where user_id = ${userId} and status <> 'in_flight'`);
        case 'give_up':
          // As the reconciler does with an order of which Stripe has nothing.
          for (const { purchase } of await charges('in_flight')) {
            await sql`select public.end_order_unmade(${purchase}, 0)`;
          }
          return;
        case 'consent': {
          const { packageId, cap } = TERMS[one.terms];
          return void (await sql`select public.set_auto_top_up(${userId}, ${packageId}, 600, ${cap}, 'pm_card')`);
        }
        case 'end':
          return end(one.as, one.ways);
      }
    },
    async setting() {
      const [row] = await sql`select public.read_auto_top_up(${userId}) as answer`;
      return row?.answer as { status: string; monthly_cap_cents: number; charged_this_month_cents: number };
    },
  };
}

async function check(sql: postgres.Sql, groups: Step[][]): Promise<number> {
  const userId = await addPerson(sql);
  const person = play(sql, userId);
  // Begun since the last consent, in their order.
  let since: string[] = [];
  for (const group of groups) {
    const before = await person.setting();
    const known = new Set((await person.charges()).map(({ id }) => id));
    await Promise.all(group.map((one) => person.run(one)));
    const after = await person.setting();
    const all = await person.charges();
    const begun = all.filter(({ id }) => !known.has(id));
    const consented = group.some((one) => one.do === 'consent');
    expect(
      all.filter(({ status }) => status === 'in_flight').length,
      'charges in flight',
    ).toBeLessThanOrEqual(1);
    if (!consented && before.status !== 'active') expect(begun, `begun while ${before.status}`).toEqual([]);
    since = consented ? [] : [...since, ...begun.map(({ id }) => id)];
    const ends = since
      .map((id) => all.find((charge) => charge.id === id)?.status)
      .filter((status) => status !== 'canceled');
    const opened = ends.findIndex((status, at) => status === 'declined' && ends[at + 1] === 'declined');
    if (opened >= 0) expect(ends.slice(opened + 2), 'begun after two declines').toEqual([]);
    if (begun.length > 0) {
      // Terms may change within the group, more than once: what was begun was under one of the caps.
      const agreed = group.map((one) => (one.do === 'consent' ? TERMS[one.terms].cap : 0));
      const cap = Math.max(before.monthly_cap_cents ?? 0, ...agreed);
      expect(after.charged_this_month_cents, 'charged this month').toBeLessThanOrEqual(cap);
    }
  }
  const all = await person.charges();
  // The books say what Stripe did: each success is one paid order, and nothing else is.
  const paid = await sql`select id from payment_history where user_id = ${userId} and status = 'succeeded'`;
  const succeeded = all.filter(({ status }) => status === 'succeeded').map(({ purchase }) => purchase);
  expect(paid.map(({ id }) => id as string).toSorted()).toEqual(succeeded.toSorted());
  for (const { id, status } of all) {
    if (person.ends.get(id) === 'succeeded') expect(['succeeded', 'in_flight']).toContain(status);
  }
  return all.length;
}

const plans = fc
  .array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 14 })
  .map((groups): Step[][] => [[{ do: 'consent', terms: 0 }], ...groups]);

test('no interleaving charges twice at once, beyond the cap, or after the breaker opened', async () => {
  let charged = 0;
  const property = fc.asyncProperty(plans, async (groups) => {
    charged += await check(db.sql, groups);
  });
  const numRuns = Number(process.env.PROPERTY_RUNS ?? 60);
  await fc.assert(property, { numRuns, interruptAfterTimeLimit: 100_000 });
  console.log(`automatic top-ups: ${charged} charges begun`);
  expect(charged).toBeGreaterThan(20);
  expect(await db.sql`select * from audit_invariants()`).toEqual([]);
}, 120_000);

test.each([
  ['the cap', 'decide_auto_top_up', '> v_setting.monthly_cap_cents', '> 100000000'],
  ['the breaker', 'end_charge', "p_status = 'declined' and consecutive_declines >= 1", 'false'],
  ['that Stripe was asked', 'end_charge', "p_status <> 'canceled' or tried_at is null", 'true'],
])(
  'and a decision that forgets %s is found out',
  async (_what, routine, guard, instead) => {
    const mutant = await createTestDatabase();
    try {
      const [row] =
        await mutant.sql`select pg_get_functiondef(${`private.${routine}`}::regproc) as definition`;
      const changed = String(row?.definition).replace(guard, instead);
      expect(changed).toContain(instead);
      expect(changed).not.toContain(guard);
      await mutant.sql.unsafe(changed);
      const found = await fc.check(
        fc.asyncProperty(plans, async (groups) => void (await check(mutant.sql, groups))),
        {
          numRuns: 600,
          endOnFailure: true,
          interruptAfterTimeLimit: 60_000,
        },
      );
      expect(found.failed).toBe(true);
      expect(found.interrupted).toBe(false);
    } finally {
      await mutant.close();
    }
  },
  90_000,
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
      .replace(
        'private.lock_account(p_user_id)',
        '(select a from public.time_accounts a where user_id = p_user_id)',
      )
      .replace('for update', '')
      // Widens the moment between looking and charging.
      .replace('v_begun :=', 'perform pg_sleep(0.05); v_begun :=');
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

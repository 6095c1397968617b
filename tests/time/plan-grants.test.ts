import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { undone } from '../support/undone.ts';
import { type Bank, createBank, overSql } from './bank.ts';
import { accountOf, addPerson, violations } from './people.ts';

const DAY = 86_400;
const [SMALL, LARGE, NONE] = ['small', 'large', 'none'] as const;
const MINUTES = { [SMALL]: 600, [LARGE]: 6000, [NONE]: 0 };
type Plan = keyof typeof MINUTES;

let db: TestDatabase;
let bank: Bank;
let owner: string;
let tenantId: string;
let customer: string;
beforeAll(async () => {
  db = await createTestDatabase();
  bank = createBank(overSql(db.sql));
  for (const [id, minutes] of Object.entries(MINUTES))
    await db.sql`insert into plans (id, name, kind, monthly_minutes) values (${id}, ${id}, 'metered', ${minutes || null})`;
});
afterAll(() => db.close());
beforeEach(async () => {
  began = Date.now();
  owner = await addPerson(db.sql);
  tenantId = (await bank.createTenant(owner))?.id ?? '';
  customer = `cus_${tenantId.replaceAll('-', '')}`;
  await db.sql`update tenants set stripe_customer_id = ${customer} where id = ${tenantId}`;
});
afterEach(async () => expect(await violations(db.sql)).toEqual([]));

type Look = { plan?: Plan; status?: string; start?: number; end?: number; id?: string; readAt?: number };

let began: number;
const at = (days: number) => new Date(began + days * DAY * 1000).toISOString();

/** What Stripe says of the subscription; its period is said in days from when the test began. */
async function look({ plan = SMALL, status = 'active', start = 0, end = 30, id, readAt = 0 }: Look = {}) {
  const [row] = await db.sql`
    select apply_subscription(jsonb_build_object('id', ${id ?? `sub_${tenantId}`}::text, 'customer', ${customer}::text,
      'plan_id', ${plan}::text, 'status', ${status}::text, 'quantity', 1,
      'current_period_start', ${at(start)}::text, 'current_period_end', ${at(end)}::text),
      now() - interval '1 day' + make_interval(secs => ${readAt})) as answer`;
  return row?.answer.status;
}
const balance = async () => (await accountOf(db.sql, tenantId)).balance;
const grants = async () =>
  (
    await db.sql`select g.paid::int as seconds, g.status from grants g where account_id = ${tenantId} and source = 'plan'
      order by g.created_at, g.paid`
  ).map((row) => ({ ...row }));

test('a period brings the minutes of its plan once, and they end with it', async () => {
  expect([await look({ status: 'incomplete' }), await balance()]).toEqual(['applied', 0]);
  await look();
  await look();
  expect(await grants()).toEqual([{ seconds: 36_000, status: 'active' }]);
  const [row] = await db.sql`select g.expires_at = s.current_period_end as ends from grants g, subscriptions s
    where g.account_id = ${tenantId} and s.tenant_id = ${tenantId}`;
  expect(row?.ends).toBe(true);
  // Stripe moves the end of a trial, and what was given ends with it.
  await look({ end: 40 });
  expect([await balance(), (await grants()).length]).toEqual([36_000, 1]);
  await undone(db, async (sql) => {
    await sql`alter table private.plan_grants drop constraint once_for_so_much`;
    await sql`delete from private.plan_grants`;
    await sql`update subscriptions set status = status where tenant_id = ${tenantId}`;
    expect((await accountOf(sql, tenantId)).balance).toBe(72_000);
  });
});

test('the next period brings the next minutes, and what was left of the last is over', async () => {
  await look({ start: -29, end: 1, status: 'trialing' });
  expect(await balance()).toBe(36_000);
  await bank.deduct(tenantId, 100);
  await look({ start: 1, end: 31 });
  expect(await grants()).toEqual([
    { seconds: 36_000, status: 'expired' },
    { seconds: 36_000, status: 'active' },
  ]);
  expect(await balance()).toBe(36_000);
});

test('a larger plan brings the difference for the time that is left; going to and fro brings no more', async () => {
  await look({ start: -15, end: 15 });
  await look({ start: -15, end: 15, plan: LARGE });
  const whole = (MINUTES.large - MINUTES.small) * 60;
  const half = (await balance()) - 36_000;
  expect(half).toBeLessThanOrEqual(whole / 2);
  expect(half).toBeGreaterThan(whole * (14 / 30));
  for (const plan of [SMALL, NONE, LARGE, SMALL, LARGE] as const) await look({ start: -15, end: 15, plan });
  expect(await balance()).toBe(36_000 + half);
  await look({ start: 0, end: 30, plan: SMALL });
  expect(await balance()).toBe(36_000);
});

test('a plan without minutes that is left for one with some brings its share of the period', async () => {
  await look({ start: -15, end: 15, plan: NONE });
  await look({ start: -15, end: 15, plan: SMALL });
  expect(await balance()).toBeLessThanOrEqual(18_000);
  expect(await balance()).toBeGreaterThan(36_000 * (14 / 30));
});

test('a catalogue that brings more later changes nothing of what was given', async () => {
  await look();
  await undone(db, async (sql) => {
    await sql`update plans set monthly_minutes = 900 where id = 'small'`;
    await sql`update subscriptions set status = 'active' where tenant_id = ${tenantId}`;
    expect((await accountOf(sql, tenantId)).balance).toBe(36_000);
  });
});

test('who is late with a payment keeps what is there, and gets the new minutes when it is paid', async () => {
  await look({ start: -29, end: 1 });
  await look({ start: -29, end: 1, status: 'past_due' });
  expect(await balance()).toBe(36_000);
  await look({ start: 1, end: 31, status: 'past_due' });
  expect(await balance()).toBe(0);
  await look({ start: 1, end: 31 });
  expect(await balance()).toBe(36_000);
});

test('what nobody will bill ends with the subscription; a call keeps what it was promised; who pays has it again', async () => {
  await look();
  const callId = randomUUID();
  await bank.open(owner, { callId, tenantId });
  await look({ status: 'unpaid' });
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 30, held: 30 });
  await bank.settle(callId, 1, 10_000);
  expect(await balance()).toBe(0);
  await look();
  await look();
  expect(await balance()).toBe(36_000 - 10);
  await look({ status: 'canceled' });
  expect(await balance()).toBe(0);
});

test('a period that is begun anew brings no minutes twice', async () => {
  await look({ start: -3, end: 27 });
  await bank.deduct(tenantId, 300);
  await look({ start: 0, end: 30 });
  // A tenth of the period was over, and with it 60 minutes: 240 of the 300 were of the rest.
  expect(await balance()).toBe(36_000 - 240 * 60);
});

test('who owes time pays it first, and a tenant that is closed gets none', async () => {
  await db.sql`select private.lock_account(${tenantId}), private.post(${tenantId}, null, 'debt_payment', -600, ${randomUUID()})`;
  await look();
  expect(await accountOf(db.sql, tenantId)).toMatchObject({ balance: 35_400, debt: 0 });
  const other = (await bank.createTenant(owner, randomUUID()))?.id ?? '';
  await db.sql`update tenants set stripe_customer_id = ${`cus_x${customer}`.slice(0, 40)}, closed_at = now() where id = ${other}`;
  await db.sql`insert into subscriptions (id, tenant_id, plan_id, status, current_period_start, current_period_end)
    values (${`sub_${other}`}, ${other}, 'small', 'active', now(), now() + interval '1 month')`;
  expect(await accountOf(db.sql, other)).toMatchObject({ balance: 0 });
});

test('looks that come in any order, and twice, end as they would one after the other', async () => {
  const story = fc.array(
    fc.record({
      plan: fc.constantFrom(SMALL, LARGE, NONE),
      status: fc.constantFrom('active', 'active', 'past_due', 'unpaid'),
    }),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(story, fc.infiniteStream(fc.nat()), async (looks, order) => {
      const told = looks.map((one, index) => ({
        ...one,
        start: index * 0.01 - 1,
        end: index * 0.01 + 29,
        readAt: index,
      }));
      const last = told.at(-1);
      const shuffled = [...told, ...told]
        .map((one) => ({ one, key: order.next().value as number }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ one }) => one);
      const id = `sub_${randomUUID()}`;
      for (const one of shuffled) await look({ ...one, id });
      const [row] = await db.sql`select coalesce(sum(g.remaining), 0)::int as left, count(*)::int as given,
          coalesce(max(p.monthly_minutes), 0) as minutes
        from private.plan_grants p join grants g on g.id = p.grant_id where p.subscription_id = ${id}
          and p.period_start = (select current_period_start from subscriptions where id = ${id})`;
      const gives = last?.status === 'active' && last.plan !== NONE;
      expect(row).toMatchObject({ given: gives ? 1 : 0, left: gives ? MINUTES[last.plan] * 60 : 0 });
      expect(await violations(db.sql)).toEqual([]);
      await db.sql`update subscriptions set status = 'canceled' where id = ${id}`;
    }),
    { numRuns: times(15, 500) },
  );
});

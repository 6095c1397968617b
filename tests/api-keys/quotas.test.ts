import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashApiKey, makeApiKey } from '../../shared/api-keys/api-key.ts';
import { readPlanCatalogue } from '../../shared/catalogue/plans.ts';
import { codeOf, SIDECAR_KEYS, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';
import { addTenant } from '../usage/usage.ts';
import { type Replica, startReplica } from './replica.ts';

let sidecar: TestSidecar;
let replicas: Replica[];
let sql: postgres.Sql;
beforeAll(async () => {
  sidecar = await startSidecar();
  sql = sidecar.database.sql;
  replicas = [await startReplica(sidecar.deps), await startReplica(sidecar.deps)];
  await sql`select set_catalogue(${sql.json(readPlanCatalogue().plans as never)})`;
});
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await sidecar.close();
});

type Kept = { period_start: Date; period_end: Date; used: number; quota: number; plan_id: string };

/** A tenant with a key, and what is kept of its allowance. */
async function addKey({
  plan,
  scopes = ['usage:read', 'usage:write'],
}: {
  plan?: object;
  scopes?: string[];
} = {}) {
  const owner = await sidecar.database.signUp();
  const tenantId = await addTenant(sql, [owner.id]);
  const secret = makeApiKey(false);
  const hash = hashApiKey(SIDECAR_KEYS.apiKeyPepper, secret);
  const [key] = await sql`insert into api_keys (tenant_id, name, prefix, last4, key_hash, scopes, created_by)
    values (${tenantId}, 'test', ${secret.slice(0, 12)}, ${secret.slice(-4)}, ${hash}, ${scopes}, ${owner.id}) returning id`;
  const allow = (change: object) =>
    sql`update private.api_allowances set ${sql(change as never)} where tenant_id = ${tenantId}`;
  const use = async (count: number, more: object = {}) => {
    const uses = [{ hash, scope: 'usage:read', writes: false, count, ...more }];
    const [row] = await sql`select use_api_keys(${sql.json(uses)}) as used`;
    return row?.used.answers[0];
  };
  if (plan !== undefined) {
    await use(0);
    await allow(plan);
  }
  const kept = async () =>
    (await sql<Kept[]>`select * from private.api_allowances where tenant_id = ${tenantId}`)[0];
  return { owner, tenantId, secret, hash, keyId: key?.id as string, allow, use, kept };
}

const subscribe = (
  tenantId: string,
  plan: string,
  from: string,
  to: string,
  status = 'active',
  id: string = randomUUID(),
) => sql`
  insert into subscriptions (id, tenant_id, plan_id, status, current_period_start, current_period_end)
  values (${id}, ${tenantId}, ${plan}, ${status}, date_trunc('day', now()) + ${from}::interval, date_trunc('day', now()) + ${to}::interval)
  on conflict (id) do update set plan_id = excluded.plan_id, status = excluded.status,
    current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end`;

test('many at once through two replicas are served exactly the quota, and every answer says what is left', async () => {
  const { tenantId, secret, keyId } = await addKey({ plan: { quota: 90, per_minute: 100_000 } });
  const answers = await Promise.all(
    Array.from({ length: 240 }, async (_, i) => {
      let answer = await replicas[i % 2]?.ask('/read', secret);
      // A busy machine says so before anything is counted.
      while (answer?.code === 'overloaded') answer = await replicas[i % 2]?.ask('/read', secret);
      return answer;
    }),
  );
  const served = answers.filter((answer) => answer?.status === 200);
  expect(served).toHaveLength(90);
  const refused = answers.filter((answer) => answer?.status !== 200);
  expect(new Set(refused.map((answer) => answer?.code))).toEqual(new Set(['quota_spent']));
  const [one] = refused;
  expect(one?.body.error?.quota).toMatchObject({
    plan_id: 'api-free',
    limit: 90,
    remaining: 0,
    per_minute: 100_000,
  });
  expect(one?.headers.get('ratelimit-policy')).toMatch(/^"period";q=90;w=\d{7}, "minute";q=100000;w=60$/);
  expect(one?.headers.get('ratelimit')).toMatch(/^"period";r=0;t=\d+, "minute";r=\d+;t=\d+$/);
  expect(Number(one?.headers.get('retry-after'))).toBeGreaterThan(60);
  expect(served[0]?.headers.get('ratelimit')).toMatch(/^"period";r=\d+;t=\d+, /);
  const [hour] =
    await sql`select served::int, over_quota::int from private.api_hours where key_id = ${keyId}`;
  expect(hour).toEqual({ served: 90, over_quota: 150 });
  // Negative control: who reads what is left and then writes it serves more.
  await sql`update private.api_allowances set used = 80 where tenant_id = ${tenantId}`;
  const careless = async () => {
    const [row] =
      await sql`select quota - used as remaining, used from private.api_allowances where tenant_id = ${tenantId}`;
    if (Number(row?.remaining) <= 0) return 0;
    await sql`update private.api_allowances set used = ${Number(row?.used) + 1} where tenant_id = ${tenantId}`;
    return 1;
  };
  const sum = (await Promise.all(Array.from({ length: 40 }, careless))).reduce<number>(
    (all, one) => all + one,
    0,
  );
  expect(sum).toBeGreaterThan(10);
});

test('a minute has its rate; what is too much in it is told apart and leaves the quota as it is', async () => {
  const { use, kept, secret, allow } = await addKey({ plan: { quota: 100, per_minute: 5 } });
  const first = await use(8);
  // A minute may end between the two: then the second is served.
  const second = await use(3);
  expect([first.served, first.over_rate]).toEqual([5, 3]);
  expect([0, 3]).toContain(second.served);
  expect(await kept()).toMatchObject({ used: 5 + second.served });
  await allow({ minute_at: new Date(Math.floor(Date.now() / 60_000) * 60_000 + 60_000), minute_used: 5 });
  const answer = await replicas[0]?.ask('/read', secret);
  expect([answer?.status, answer?.code]).toEqual([429, 'too_many_requests']);
  expect(Number(answer?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  // A clock that was set back by hours does not keep anybody waiting.
  await allow({ minute_at: new Date(Date.now() + 3_600_000), minute_used: 5 });
  expect((await use(1)).served).toBe(1);
});

test('what does not reach the route costs nothing, and what fails there by our doing is given back', async () => {
  const { use, kept, secret, keyId, tenantId, owner } = await addKey({
    plan: { quota: 100, per_minute: 1000 },
  });
  expect((await use(1, { scope: 'verify' })).status).toBe('scope_missing');
  expect((await replicas[0]?.ask('/write', `${secret}x`, {}))?.status).toBe(401);
  expect((await kept())?.used).toBe(0);
  for (let i = 0; i < 3; i++) {
    const failed = await replicas[i % 2]?.ask('/fails', secret);
    expect(failed?.body.error).toMatchObject({ code: 'internal', quota: { limit: 100 } });
  }
  expect((await replicas[1]?.ask('/write', secret, { tenant_id: 'no id' }))?.status).toBe(400);
  const errors = () =>
    sql`select code, sum(count)::int as count from private.api_errors where key_id = ${keyId} group by 1 order by 1`;
  await until(async () => (await errors()).reduce((all, { count }) => all + count, 0) === 4);
  expect([...(await errors())]).toEqual([
    { code: 'internal', count: 3 },
    { code: 'invalid_request', count: 1 },
  ]);
  expect((await kept())?.used).toBe(1);

  const now = new Date();
  const query = `from=${new Date(now.getTime() - 3_600_000).toISOString()}&to=${new Date(now.getTime() + 3_600_000).toISOString()}`;
  const usage = await sidecar.get(`/v1/api-usage?tenant_id=${tenantId}&by=key&${query}`, { person: owner });
  const row = {
    at: null,
    key_id: keyId,
    served: 4,
    over_quota: 0,
    over_rate: 0,
    client_errors: 1,
    server_errors: 3,
  };
  expect(usage.body).toEqual({ rows: [row] });
  const byDay = await sidecar.get(`/v1/api-usage?by=day&${query}&key_id=${keyId}`, { token: secret });
  expect(
    (byDay.body as { rows: { served: number }[] }).rows.reduce((all, { served }) => all + served, 0),
  ).toBe(5);
  const plan = await sidecar.get('/v1/api-plan', { token: secret });
  expect(plan.body).toMatchObject({
    plan: { id: 'api-free' },
    quota: { limit: 100, used: 3, remaining: 97 },
    keys: 1,
  });
  expect((await sidecar.get(`/v1/api-errors?tenant_id=${tenantId}`, { person: owner })).body).toMatchObject({
    errors: [
      { code: 'internal', count: 3 },
      { code: 'invalid_request', count: 1 },
    ],
  });
  expect(
    codeOf(
      await sidecar.get(`/v1/api-usage?by=hour&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z`, {
        token: secret,
      }),
    ),
  ).toBe('invalid_request');
});

test('a period ends, a plan is changed, a payment fails, a clock jumps: the count goes on where it belongs', async () => {
  const { tenantId, use, kept, allow } = await addKey();
  expect((await use(7)).allowance).toMatchObject({
    plan_id: 'api-free',
    limit: 1000,
    remaining: 993,
    per_minute: 60,
  });
  const month = (await kept())?.period_start;
  expect(month?.toISOString()).toMatch(/-01T00:00:00\.000Z$/);
  // Subscribed: the period is that of the subscription, from the next request on.
  const id = randomUUID();
  await subscribe(tenantId, 'api-starter', '-3 days', '27 days', 'active', id);
  expect((await use(5)).allowance).toMatchObject({
    plan_id: 'api-starter',
    limit: 50_000,
    remaining: 49_995,
  });
  await subscribe(tenantId, 'api-pro', '-3 days', '27 days', 'past_due', id);
  expect((await use(5)).allowance).toMatchObject({ plan_id: 'api-pro', limit: 500_000, remaining: 499_990 });
  // Down again with more used than the smaller plan serves: nothing is left of this period.
  await allow({ used: 60_000 });
  await subscribe(tenantId, 'api-starter', '-3 days', '27 days', 'active', id);
  expect(await use(5)).toMatchObject({ served: 0, allowance: { remaining: 0 } });
  // The next period has begun at Stripe, of which we have not heard; then we do, and it is the same one.
  await subscribe(tenantId, 'api-starter', '-35 days', '-4 days', 'active', id);
  expect(await use(9)).toMatchObject({ served: 9, allowance: { remaining: 49_991 } });
  await subscribe(tenantId, 'api-starter', '-4 days', '26 days', 'active', id);
  expect((await kept())?.used).toBe(9);
  // Canceled to the end of a period that is over: no new one of it begins until Stripe says so.
  await sql`update subscriptions set cancel_at = now() where id = ${id}`;
  expect(await use(0)).toMatchObject({ allowance: { plan_id: 'api-free', remaining: 993 } });
  await sql`update subscriptions set cancel_at = now() + interval '1 day' where id = ${id}`;
  expect(await use(0)).toMatchObject({ allowance: { plan_id: 'api-starter', remaining: 49_991 } });
  // Stripe gave up: the free plan, with what was used of this month before.
  await subscribe(tenantId, 'api-starter', '-4 days', '26 days', 'canceled', id);
  expect(await use(1)).toMatchObject({ served: 1, allowance: { plan_id: 'api-free', remaining: 992 } });
  // A clock that ran ahead by a year and came back has not moved the count for long.
  await sql`update private.api_allowances set period_start = period_start + interval '1 year', used = 0,
    period_end = period_end + interval '1 year' where tenant_id = ${tenantId}`;
  await sql`insert into private.api_periods values (${tenantId}, ${month ?? null}, now(), 'api-free', 8)
    on conflict (tenant_id, period_start) do update set used = 8`;
  expect(await use(1)).toMatchObject({ served: 1, allowance: { remaining: 991 } });
  expect((await kept())?.period_start).toEqual(month);
  const [plan] = await sql`select read_api_plan(${tenantId}) as plan`;
  expect(plan?.plan.periods.length).toBeGreaterThan(2);
});

test('a plan that is changed in the catalogue holds from the next request on, and without plans there is no quota', async () => {
  const { use, tenantId } = await addKey();
  await use(1);
  await sql`update plans set requests_per_period = 3 where id = 'api-free'`;
  expect(await use(4)).toMatchObject({ served: 2, allowance: { limit: 3, remaining: 0 } });
  await sql`update plans set active = false where line = 'api'`;
  expect(await use(4)).toMatchObject({
    served: 4,
    allowance: { plan_id: null, limit: null, remaining: null },
  });
  await sql`update plans set active = true, requests_per_period = 1000 where id = 'api-free'`;
  await sql`update plans set active = true where line = 'api'`;
  expect((await use(1)).allowance).toMatchObject({ limit: 1000 });
  const [held] =
    await sql`select (private.plan_of(${tenantId}, 'api')).id, private.plan_of(${tenantId}, 'credits') is null as none`;
  expect(held).toEqual({ id: 'api-free', none: true });
});

test('batches of many keys and tenants in any order wait for nobody in a circle', async () => {
  const keys = await Promise.all(
    Array.from({ length: 6 }, () => addKey({ plan: { quota: 10_000, per_minute: 10_000 } })),
  );
  const again = await Promise.all(
    keys.map(({ hash }) => ({ hash, scope: 'usage:read', writes: false, count: 1 })),
  );
  const shuffled = () => again.toSorted(() => Math.random() - 0.5);
  const note = () =>
    sql`select note_api_answers(${sql.json(keys.map(({ keyId }) => ({ key_id: keyId, code: 'x', status: 500, count: 1, period_start: '2026-01-01T00:00:00Z', request_id: 'x' })))})`;
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      i % 3 === 2 ? note() : sql`select use_api_keys(${sql.json(shuffled())})`,
    ),
  );
  const used =
    await sql`select used::int from private.api_allowances where tenant_id in ${sql(keys.map(({ tenantId }) => tenantId))}`;
  expect(used.map(({ used: count }) => count)).toEqual(keys.map(() => 40));
});

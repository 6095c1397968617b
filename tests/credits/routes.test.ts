import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEST_KEYS } from '../support/keys.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { addTenant, toolCall } from '../usage/usage.ts';
import { pay } from './scene.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

const service = TEST_KEYS.secretKey;

/** A tenant with PRO, its people and a key of it. */
async function scene() {
  const { signUp, sql } = sidecar.database;
  const [owner, member, stranger] = [await signUp(), await signUp(), await signUp()];
  const tenantId = await addTenant(sql, [owner.id, member.id]);
  const subscriptionId = `sub_${tenantId.replaceAll('-', '')}`;
  await sql`insert into subscriptions (id, tenant_id, plan_id, status, current_period_start, current_period_end)
    values (${subscriptionId}, ${tenantId}, 'credits_pro', 'active', now() - interval '1 hour', now() + interval '30 days')`;
  await pay(sql, subscriptionId);
  const made = await sidecar.post(`/tenants/${tenantId}/api-keys`, {
    person: owner,
    body: { name: 'line 1', scopes: ['usage:write', 'usage:read', 'billing:write'] },
  });
  return { owner, member, stranger, tenantId, subscriptionId, key: (made.body as { secret: string }).secret };
}

test("the seed's requests, path by path: plans, usage/track with its body, and the summary of the month", async () => {
  const { tenantId, subscriptionId, key, owner } = await scene();
  const plans = (await sidecar.get('/plans')).body as { plans: object[]; credit_rules: object[] };
  expect(plans.plans).toMatchObject([
    { code: 'STARTER', base_price_cad: 4000, included_assets: 200, included_credits: 250_000, max_sites: 1 },
    {
      ...{
        code: 'PRO',
        base_price_cad: 9000,
        included_assets: 1000,
        included_credits: 1_000_000,
        max_sites: 3,
      },
      ...{ asset_uplift_cad: 3, overage_per_credit_cad: 0.002 },
    },
    {
      code: 'ENTERPRISE',
      base_price_cad: 18_000,
      included_assets: 3000,
      included_credits: 5_000_000,
      max_sites: 8,
    },
  ]);
  expect(plans.credit_rules).toContainEqual({
    ...{ event_type: 'vision_frame_batch', unit: '100_frames', credits_per_unit: 5, pieces_per_unit: 100 },
  });
  const body = {
    ...{ tenant_id: tenantId, subscription_id: subscriptionId, event_type: 'LLM_token_usage', units: 12 },
    meta: { model: 'gpt-4', tokens: 12_000 },
  };
  const answer = { ok: true, credits_burned: 12, remaining_credits: 999_988, alert: null };
  expect(await sidecar.post('/usage/track', { token: key, body })).toMatchObject({
    status: 200,
    body: answer,
  });
  const named = { token: key, body: { ...body, idempotency_key: 'e-1' } };
  const second = { ...answer, remaining_credits: 999_976 };
  expect((await sidecar.post('/usage/track', named)).body).toEqual(second);
  expect((await sidecar.post('/usage/track', named)).body).toEqual(second);
  const headers = { 'idempotency-key': 'e-1' };
  expect((await sidecar.post('/usage/track', { token: service, body, headers })).body).toEqual(second);
  expect(
    (await sidecar.post('/usage/track', { person: owner, body: { ...body, units: 0.5 } })).body,
  ).toMatchObject({
    credits_burned: 0,
  });
  const assets = { tenant_id: tenantId, asset_count: 1200, site_breakdown: { north: 700, south: 500 } };
  expect(await sidecar.post('/assets/snapshots', { token: key, body: assets })).toMatchObject({
    status: 201,
    body: { asset_count: 1200, site_breakdown: { north: 700, south: 500 } },
  });
  const summary = await sidecar.get(`/usage/summary?tenant_id=${tenantId}`, { person: owner });
  expect(summary.body).toMatchObject({
    scope: 'tenant',
    credits: { included: 1_000_000, used: 24, remaining: 999_976, overage: 0, alert: null },
    subscription: { id: subscriptionId, plan_code: 'PRO', status: 'active' },
    assets: { count: 1200, site_breakdown: { north: 700, south: 500 } },
    so_far: { base_cents: 900_000, assets: { billed: 1200, cents: 60_000 }, subtotal_cents: 960_000 },
    // An hour counts as a day: 24 credits in it are 24 a day.
    forecast: { credits: { used: expect.any(Number), overage: 0 }, subtotal_cents: 960_000 },
    months: [
      {
        ...{ credits: 24, events: 3 },
        by_event_type: [
          { event_type: 'LLM_token_usage', unit: '1k_tokens', units: 24.5, credits: 24, events: 3 },
        ],
      },
    ],
  });
  const { forecast } = summary.body as { forecast: { credits: { used: number } } };
  expect(forecast.credits.used).toBe(721);
  expect((await sidecar.get('/usage/summary', { token: key })).body).toMatchObject({ tenant_id: tenantId });
});

test('neither the anonymous key nor a stranger, nor a member who does no billing; and a batch is for services only', async () => {
  const { tenantId, key, member, stranger, owner } = await scene();
  const other = await scene();
  const body = { tenant_id: tenantId, event_type: 'tool_call', units: 1 };
  const track = (how: object, more: object = {}) =>
    sidecar.post('/usage/track', { ...how, body: { ...body, ...more } });
  const refusals = await Promise.all([
    track({ token: TEST_KEYS.publishableKey }),
    track({}),
    track({ person: stranger }),
    track({ person: member }),
    track({ token: other.key }),
    track({ token: key }, { subscription_id: other.subscriptionId }),
    track({ token: key }, { event_type: 'unheard_of' }),
    track({ token: key }, { units: 0.5 }),
    sidecar.get(`/usage/summary?tenant_id=${tenantId}`, { person: member }),
    sidecar.get(`/usage/summary?tenant_id=${tenantId}`, { person: stranger }),
    sidecar.get('/usage/summary', { person: owner }),
  ]);
  expect(refusals.map(codeOf)).toEqual([
    ...['not_signed_in', 'not_signed_in', 'not_found', 'role_missing', 'forbidden', 'not_found'],
    ...['invalid_request', 'invalid_request', 'role_missing', 'not_found', 'invalid_request'],
  ]);
  const batch = { user_id: member.id, tenant_id: tenantId, events: [toolCall()] };
  expect(codeOf(await sidecar.post('/usage/track', { token: key, body: batch }))).toBe('forbidden');
  expect(codeOf(await sidecar.post('/usage/track', { person: owner, body: batch }))).toBe('forbidden');
  expect((await sidecar.post('/usage/track', { token: service, body: batch })).status).toBe(200);
  // What is wrong is told of the form that it comes nearest to.
  expect((await track({ token: key }, { units: -1 })).body).toMatchObject({
    error: { message: expect.stringMatching(/^units: /) },
  });
});

test('a plan that was added by a row is for sale, tracked and priced; its cap and its alert are the tenant’s', async () => {
  const { database } = sidecar;
  const { error } = await database.service.from('billing_plans').insert({
    ...{
      code: 'CUSTOM',
      name: 'Custom Plan',
      base_price_cad: 25_000,
      included_assets: 5000,
      included_credits: 10_000_000,
    },
    ...{ asset_uplift_cad: 2, overage_per_credit_cad: 0.001, max_sites: 15 },
  });
  expect(error).toBeNull();
  expect((await sidecar.get('/plans')).body).toMatchObject({
    plans: expect.arrayContaining([expect.objectContaining({ code: 'CUSTOM', base_price_cad: 25_000 })]),
  });
  const { tenantId, subscriptionId, key, member } = await scene();
  await database.sql`update subscriptions set plan_id = 'credits_custom', current_period_start = now(),
    current_period_end = now() + interval '30 days' where id = ${subscriptionId}`;
  await pay(database.sql, subscriptionId);
  const settings = { tenant_id: tenantId, overage_cap_cents: 0, low_credits: 10_500_000 };
  const put = (how: object) => sidecar.put('/credits/settings', { ...how, body: settings });
  expect((await put({ token: key })).body).toEqual({ overage_cap_cents: 0, low_credits: 10_500_000 });
  expect(codeOf(await put({ person: member }))).toBe('role_missing');
  const body = { tenant_id: tenantId, event_type: 'simulator_run', units: 10_500 };
  expect((await sidecar.post('/usage/track', { token: key, body })).body).toMatchObject({
    remaining_credits: 500_000,
    alert: 'LOW',
  });
  expect(codeOf(await sidecar.post('/usage/track', { token: key, body }))).toBe('overage_cap_reached');
  for (const wrong of [
    { code: 'LOW' },
    { code: 'X', base_price_cad: 1.001 },
    { code: 'PRO', base_price_cad: 1 },
  ])
    expect((await database.service.from('billing_plans').insert(wrong as never)).error).not.toBeNull();
});

test('counts of sites by CSV: a night and site once, whatever is sent again; and a wrong line is named', async () => {
  const { tenantId, key } = await scene();
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const send = (text: string) =>
    sidecar.post(`/assets/import?tenant_id=${tenantId}`, {
      token: key,
      raw: text,
      headers: { 'content-type': 'text/csv' },
    });
  const table = `night,site,asset_count\r\n${day(1)},south,20\r\n${day(2)},north,10\n${day(2)},south,5\n`;
  expect((await send(table)).body).toEqual({ recorded: 3, recorded_before: 0 });
  expect((await send(`${table}${day(1)},"north",11`)).body).toEqual({ recorded: 1, recorded_before: 3 });
  const counts = await sidecar.database
    .sql`select asset_count, site_breakdown from v_asset_latest where tenant_id = ${tenantId}`;
  expect(counts.map((row) => ({ ...row }))).toEqual([
    { asset_count: 31, site_breakdown: { north: 11, south: 20 } },
  ]);
  for (const wrong of ['2026-02-30,a,1', `${day(1)},a;b,1`, `${day(1)},a,-1`])
    expect((await send(wrong)).body).toMatchObject({
      error: { message: expect.stringMatching(/^line 1: /) },
    });
});

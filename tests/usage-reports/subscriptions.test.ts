import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlanCatalogue } from '../../shared/catalogue/plans.ts';
import { bringCatalogue } from '../../webhook-server/plans/bring-catalogue.ts';
import { createTenantCustomer } from '../../webhook-server/queue/create-tenant-customer.ts';
import { updateTenantCustomer } from '../../webhook-server/queue/update-customer.ts';
import { visit } from '../stripe-stand-in/harness.ts';
import type { Person } from '../support/database.ts';
import { workJobs } from '../support/queue.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ webhooks: false });
  await bringCatalogue(sidecar.deps, readPlanCatalogue(), { dryRun: false });
});
afterAll(() => sidecar.close());

const CARD = { email: 'a@example.com', method: 'card', expiry: '12/33', cvc: '123', name: 'A' };

async function acme() {
  const { sql } = sidecar.database;
  const [owner, biller, member] = await Promise.all([1, 2, 3].map(() => sidecar.database.signUp()));
  const id = randomUUID();
  await sql.begin(async (sql) => {
    await sql`insert into public.tenants (id, name, billing_email) values (${id}, 'Acme', 'bills@acme.example')`;
    for (const [person, role] of [
      [owner, 'owner'],
      [biller, 'billing'],
      [member, 'member'],
    ] as const)
      await sql`insert into public.tenant_members (tenant_id, user_id, role) values (${id}, ${person?.id ?? ''}, ${role})`;
  });
  const path = `/tenants/${id}/subscription`;
  const begin = (person: Person | undefined, body: object, key: string = randomUUID()) =>
    sidecar.post(path, { ...(person && { person }), body, headers: { 'idempotency-key': key } });
  const tenant = async () => {
    const [row] = await sql`select plan_id, stripe_customer_id from public.tenants where id = ${id}`;
    return row as { plan_id: string | null; stripe_customer_id: string | null };
  };
  const known = async () => {
    const rows =
      await sql`select plan_id, status, quantity from public.subscriptions where tenant_id = ${id}`;
    return rows.map((row) => ({ ...row }));
  };
  return {
    id,
    owner: owner as Person,
    biller: biller as Person,
    member: member as Person,
    path,
    begin,
    tenant,
    known,
  };
}

const told = new Set<string>();

/** What Stripe has told since, in any order, all of it twice. */
async function tell(order: 'newest first' | 'oldest first' = 'oldest first') {
  const { data } = await sidecar.stripe.events.list({ limit: 100 });
  const news = data.filter(({ id }) => !told.has(id));
  for (const { id } of news) told.add(id);
  const events = order === 'newest first' ? news : news.toReversed();
  for (const event of [...events, ...events]) {
    if (/^(customer\.subscription|invoice\.pa|checkout)/.test(event.type)) await sidecar.deliver(event);
  }
}

test('a tenant gets one customer by the queue; operators see which has none, and repair it', async () => {
  const { id, tenant } = await acme();
  const operator = await sidecar.database.signUp();
  await sidecar.database.sql`update public.users set role = 'operator' where id = ${operator.id}`;
  const list = await sidecar.get('/operator/tenants-without-customer', { person: operator });
  expect(list.body).toMatchObject({ count: 1, tenants: [{ tenant_id: id }] });
  const repair = () => sidecar.post(`/operator/tenants/${id}/customer`, { person: operator });
  expect((await repair()).body).toEqual({ status: 'under_way' });
  const work = () => workJobs(sidecar, 'create_tenant_customer', createTenantCustomer);
  await Promise.all([work(), work()]);
  const { stripe_customer_id: customer } = await tenant();
  const made = await sidecar.stripe.customers.list({ email: 'bills@acme.example' });
  expect(made.data.map((one) => one.id)).toEqual([customer]);
  expect((await repair()).body).toEqual({ status: 'has_customer' });
  await sidecar.stripe.customers.del(customer ?? '');
  await sidecar.database.service.rpc('forget_customer', { p_customer_id: customer ?? '' });
  await work();
  expect((await tenant()).stripe_customer_id).not.toBe(customer);
  expect((await tenant()).stripe_customer_id).toMatch(/^cus_/);
});

test('Stripe is told what a tenant is called and where its invoices go, whenever that changes', async () => {
  const { id, owner, biller, tenant } = await acme();
  const { sql } = sidecar.database;
  await workJobs(sidecar, 'create_tenant_customer', createTenantCustomer);
  const known = async () => {
    await workJobs(sidecar, 'update_tenant_customer', updateTenantCustomer);
    const customer = await sidecar.stripe.customers.retrieve((await tenant()).stripe_customer_id ?? '');
    return customer.deleted ? null : [customer.name, customer.email];
  };
  await sidecar.patch(`/tenants/${id}`, { person: owner, body: { name: 'Acme & Sons' } });
  expect(await known()).toEqual(['Acme & Sons', 'bills@acme.example']);
  await sidecar.patch(`/tenants/${id}`, { person: biller, body: { billing_email: 'new@acme.example' } });
  expect(await known()).toEqual(['Acme & Sons', 'new@acme.example']);
  // Without an address of its own, its owner's: also when somebody else becomes the owner.
  await sql`update public.tenants set billing_email = null where id = ${id}`;
  expect(await known()).toEqual(['Acme & Sons', owner.email]);
  const hand = `/tenants/${id}/members`;
  await sidecar.put(`${hand}/${biller.id}`, { person: owner, body: { role: 'owner' } });
  await sidecar.delete(`${hand}/${owner.id}`, { person: owner });
  expect(await known()).toEqual(['Acme & Sons', biller.email]);
});

test('only an owner, or who does the billing, subscribes; the plan holds when it is paid', async () => {
  const { owner, biller, member, path, begin, tenant, known } = await acme();
  const stranger = await sidecar.database.signUp();
  const body = { plan_id: 'team', seats: 3 };
  expect(codeOf(await begin(member, body))).toBe('forbidden');
  expect(codeOf(await begin(stranger, body))).toBe('not_found');
  expect(codeOf(await begin(owner, { plan_id: 'nonsense' }))).toBe('not_found');
  const key = randomUUID();
  const page = await begin(biller, body, key);
  expect([page.status, (await begin(biller, body, key)).body]).toEqual([201, page.body]);
  const other = (await begin(owner, body)).body as { url: string };
  expect((await visit((page.body as { url: string }).url)).text).toContain('expired');
  const { url } = other;
  expect((await visit(url, { ...CARD, number: '4000000000000002' })).status).toBe(402);
  await tell();
  expect([await tenant(), await known()]).toMatchObject([{ plan_id: null }, []]);
  await visit(url, { ...CARD, number: '4242424242424242' });
  await tell('newest first');
  expect(await known()).toEqual([{ plan_id: 'team', status: 'active', quantity: 3 }]);
  expect((await tenant()).plan_id).toBe('team');
  expect(codeOf(await begin(owner, body))).toBe('purchase_closed');
  expect((await sidecar.get(path, { person: biller })).body).toMatchObject({
    subscription: { plan_id: 'team', seats: 3, cancel_at: null },
  });
  expect((await sidecar.get(path, { person: member })).status).toBe(403);
});

test('seats and plan are changed, and it ends with the period; an older look changes nothing', async () => {
  const { id, owner, path, begin, tenant, known } = await acme();
  const { url } = (await begin(owner, { plan_id: 'team', seats: 2 })).body as { url: string };
  await visit(url, { ...CARD, number: '4242424242424242' });
  await tell();
  const changed = await sidecar.patch(path, { person: owner, body: { seats: 5 } });
  expect(changed.body).toMatchObject({ subscription: { plan_id: 'team', seats: 5 } });
  const other = await sidecar.patch(path, { person: owner, body: { plan_id: 'premium' } });
  expect([other.body, (await tenant()).plan_id]).toMatchObject([
    { subscription: { plan_id: 'premium' } },
    'premium',
  ]);
  await tell('newest first');
  expect(await known()).toEqual([{ plan_id: 'premium', status: 'active', quantity: 5 }]);
  const [row] = await sidecar.database
    .sql`select id, read_at from public.subscriptions where tenant_id = ${id}`;
  const stale = {
    ...{ id: row?.id, customer: 'cus_x', plan_id: 'team', status: 'canceled', quantity: 1, items: [] },
    ...{ current_period_start: '2026-01-01T00:00:00Z', current_period_end: '2026-02-01T00:00:00Z' },
  };
  const look = await sidecar.database.service.rpc('apply_subscription', {
    p_subscription: stale,
    p_read_at: '2026-01-01T00:00:00Z',
  });
  expect(look.data).toEqual({ status: 'older_look' });
  const ending = await sidecar.delete(path, { person: owner });
  expect((ending.body as { subscription: { cancel_at: string } }).subscription.cancel_at).not.toBeNull();
  expect((await tenant()).plan_id).toBe('premium');
  const portal = await sidecar.post(`/tenants/${id}/billing-portal`, { person: owner });
  await visit((portal.body as { url: string }).url, { resume: String(row?.id) });
  await tell();
  expect((await sidecar.get(path, { person: owner })).body).toMatchObject({
    subscription: { cancel_at: null },
  });
  await sidecar.stripe.subscriptions.cancel(String(row?.id));
  await tell('newest first');
  expect([await known(), (await tenant()).plan_id]).toMatchObject([[{ status: 'canceled' }], null]);
});

test('a payment that fails leaves the plan for the time being, and says so', async () => {
  const { owner, path, begin, tenant, known } = await acme();
  const { url } = (await begin(owner, { plan_id: 'premium' })).body as { url: string };
  await visit(url, { ...CARD, number: '4242424242424242' });
  await tell();
  const customer = (await tenant()).stripe_customer_id ?? '';
  const bad = await sidecar.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  const [subscription] = (await sidecar.stripe.subscriptions.list({ customer })).data;
  await sidecar.stripe.subscriptions.update(subscription?.id ?? '', { default_payment_method: bad.id });
  const seats = subscription?.items.data.find(({ quantity }) => quantity !== undefined);
  const item = { id: seats?.id ?? '', quantity: 4 };
  await sidecar.stripe.subscriptions.update(subscription?.id ?? '', {
    items: [item],
    proration_behavior: 'always_invoice',
  });
  await tell('newest first');
  expect([await known(), (await tenant()).plan_id]).toMatchObject([[{ status: 'past_due' }], 'premium']);
  expect((await sidecar.get(path, { person: owner })).body).toMatchObject({
    subscription: { status: 'past_due' },
  });
});

test('a line of its own: requests by key are subscribed to beside time, and go up, down and back to what is free', async () => {
  const { id, owner, path, begin, tenant } = await acme();
  const api = `${path}?line=api`;
  const pay = async (body: object) => {
    await visit(((await begin(owner, body)).body as { url: string }).url, {
      ...CARD,
      number: '4242424242424242',
    });
    await tell('newest first');
  };
  const plan = async () => {
    const { data } = await sidecar.database.service.rpc('read_api_plan', { p_tenant_id: id });
    return (data as { plan: { id: string }; allowance: { limit: number } } | null)?.plan.id;
  };
  const change = (planId: string) => sidecar.patch(api, { person: owner, body: { plan_id: planId } });
  expect(await plan()).toBe('api-free');
  expect(codeOf(await begin(owner, { plan_id: 'api-free' }))).toBe('invalid_request');
  // A page of another line stays open.
  const team = (await begin(owner, { plan_id: 'team' })).body as { url: string };
  await pay({ plan_id: 'api-starter', seats: 7 });
  await visit(team.url, { ...CARD, number: '4242424242424242' });
  await tell();
  expect([await plan(), (await tenant()).plan_id]).toEqual(['api-starter', 'team']);
  expect((await sidecar.get(api, { person: owner })).body).toMatchObject({
    subscription: { plan_id: 'api-starter', seats: 1 },
  });
  expect((await sidecar.get(path, { person: owner })).body).toMatchObject({
    subscription: { plan_id: 'team' },
  });
  expect(codeOf(await begin(owner, { plan_id: 'api-pro' }))).toBe('purchase_closed');
  for (const body of [{ plan_id: 'team' }, { plan_id: 'api-free' }, { seats: 3 }])
    expect(codeOf(await sidecar.patch(api, { person: owner, body }))).toBe('invalid_request');
  expect(codeOf(await sidecar.patch(path, { person: owner, body: { plan_id: 'api-pro' } }))).toBe(
    'invalid_request',
  );
  await change('api-pro');
  expect(await plan()).toBe('api-pro');
  await change('api-starter');
  expect(await plan()).toBe('api-starter');
  const { sql } = sidecar.database;
  const found =
    await sql`select 1 from reconciliation_findings where kind = 'second_subscription' and detail like ${`%${id}%`}`;
  expect(found).toHaveLength(0);

  const customer = (await tenant()).stripe_customer_id ?? '';
  const [row] =
    await sql`select id from public.subscriptions where tenant_id = ${id} and plan_id = 'api-starter'`;
  const bad = await sidecar.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  await sidecar.stripe.subscriptions.update(String(row?.id), { default_payment_method: bad.id });
  await change('api-enterprise');
  await tell();
  expect(await plan()).toBe('api-enterprise');
  const ending = await sidecar.delete(api, { person: owner });
  expect((ending.body as { subscription: { cancel_at: string } }).subscription.cancel_at).not.toBeNull();
  await sidecar.stripe.subscriptions.cancel(String(row?.id));
  await tell();
  expect([await plan(), (await tenant()).plan_id]).toEqual(['api-free', 'team']);
});

test('a second subscription, and one of a tenant that was closed meanwhile, is a finding', async () => {
  const { id, owner, begin } = await acme();
  const { url } = (await begin(owner, { plan_id: 'team' })).body as { url: string };
  await visit(url, { ...CARD, number: '4242424242424242' });
  await tell();
  const { sql } = sidecar.database;
  const [row] = await sql`select stripe_customer_id from public.tenants where id = ${id}`;
  const [price] = (await sidecar.stripe.prices.list({ lookup_keys: ['mindbot:premium:seat'] })).data;
  await sql`update public.tenants set closed_at = now() where id = ${id}`;
  const second = await sidecar.stripe.subscriptions.create({
    customer: String(row?.stripe_customer_id),
    items: [{ price: price?.id ?? '' }],
    default_payment_method: (
      await sidecar.stripe.paymentMethods.attach('pm_card_visa', {
        customer: String(row?.stripe_customer_id),
      })
    ).id,
  });
  await tell();
  const found =
    await sql`select kind from public.reconciliation_findings where subject = ${second.id} order by kind`;
  expect(found.map(({ kind }) => kind)).toEqual(['second_subscription', 'subscription_of_closed_tenant']);
});

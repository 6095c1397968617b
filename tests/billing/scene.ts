import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import type { Person } from '../support/database.ts';
import type { TestSidecar } from '../support/sidecar.ts';

export const at = (iso: string) => Date.parse(iso) / 1000;
export const HOUR = 3_600;

export type Invoice = {
  id: string;
  status: string;
  subtotal_cents: number;
  tax_cents: number;
  total_cents: number;
  period_start: string;
  breakdown: {
    base_cents: number;
    assets_cents: number;
    credits_cents: number;
    gainshare_cents: number;
    other_cents: number;
  };
};

/** A tenant whose time at Stripe is moved by hand, with a saved card. */
export async function tenantWithClock(
  sidecar: TestSidecar,
  { now, zone = 'UTC', card = 'pm_card_visa' }: { now: string; zone?: string; card?: string },
) {
  const { stripe, database } = sidecar;
  const { sql } = database;
  const owner: Person = await database.signUp();
  const tenantId = randomUUID();
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: at(now) });
  const customer = await stripe.customers.create({
    address: { country: 'CA', state: 'ON' },
    test_clock: clock.id,
  });
  await sql.begin(async (sql) => {
    await sql`insert into public.tenants (id, name, billing_email, stripe_customer_id, time_zone)
      values (${tenantId}, 'Acme', 'bills@acme.example', ${customer.id}, ${zone})`;
    await sql`insert into public.accounts (id, owner_kind, owner_id, unit) values (${tenantId}, 'tenant', ${tenantId}, 'second')`;
    await sql`insert into public.tenant_members (tenant_id, user_id, role) values (${tenantId}, ${owner.id}, 'owner')`;
  });
  const pay = async (id: string) => {
    const { id: method } = await stripe.paymentMethods.attach(id, { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method } });
  };
  if (card !== '') await pay(card);
  const post = (path: string, body: object = {}) =>
    sidecar.post(path, { person: owner, body: { tenant_id: tenantId, ...body } });
  const begin = async (plan_code: string, more: object = {}) => {
    const answer = await post('/subscriptions', { plan_code, ...more });
    return answer.body as { subscription_id: string; status: string } & Record<string, unknown>;
  };
  const told = new Set<string>();
  /** What Stripe has told since about this tenant, twice. */
  async function tell(order: 'newest first' | 'oldest first' = 'oldest first') {
    const data: Stripe.Event[] = [];
    for await (const event of stripe.events.list({ limit: 100 })) data.push(event);
    const ours = data.filter(
      ({ id, data: { object } }) => !told.has(id) && Reflect.get(object, 'customer') === customer.id,
    );
    for (const { id } of ours) told.add(id);
    const events = order === 'newest first' ? ours : ours.toReversed();
    for (const event of [...events, ...events]) {
      if (!/^(customer\.subscription|invoice|credit_note)\./.test(event.type)) continue;
      const { status } = await sidecar.deliver(event);
      if (status !== 200) throw new Error(`${event.type} was answered by ${status}`);
    }
  }
  return {
    ...{ owner, tenantId, customer: customer.id, pay, post, begin, tell },
    advance: (to: string | number) =>
      stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: typeof to === 'string' ? at(to) : to }),
    async read(id: string) {
      const answer = await sidecar.get(`/subscriptions/${id}?tenant_id=${tenantId}`, { person: owner });
      return answer.body as Record<string, unknown>;
    },
    async invoices(): Promise<Invoice[]> {
      const answer = await sidecar.get(`/billing/invoices?tenant_id=${tenantId}`, { person: owner });
      return (answer.body as { invoices: Invoice[] }).invoices.toReversed();
    },
    /** Burned in a period that is over by the clock of the books, too. */
    async burn(subscriptionId: string, periodStart: string, credits: number) {
      await sql`select private.post((private.lock_credits(${tenantId})).id, null, 'use', ${-credits}, ${randomUUID()})`;
      await sql`update public.credit_periods set used = used + ${credits} where subscription_id = ${subscriptionId} and period_start = ${periodStart}`;
    },
    countAssets: (count: number, from: string, sites: Record<string, number> = {}) =>
      sql`insert into public.asset_snapshots (tenant_id, asset_count, site_breakdown, captured_at)
        values (${tenantId}, ${count}, ${sql.json(sites)}, ${from})`,
    async mails(): Promise<string[]> {
      const rows = await sql`select data ->> 'notice' as notice from pgboss.job where name = 'notice'
        and data ->> 'invoice_id' in (select id from public.billing_invoices where tenant_id = ${tenantId}) order by created_on, singleton_key`;
      return rows.map(({ notice }) => String(notice));
    },
    async findings(): Promise<string[]> {
      const rows = await sql`select kind from public.reconciliation_findings f where subject in
          (select id from public.billing_invoices where tenant_id = ${tenantId} union select id::text from private.invoice_lines where tenant_id = ${tenantId})
        order by kind`;
      return rows.map(({ kind }) => String(kind));
    },
  };
}

import { z } from 'zod';
import type { beginPlanRequest } from '../../shared/api/billing.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { applyInvoice } from '../payments/apply-invoice.ts';
import { noteSubscription } from '../payments/apply-subscription.ts';
import { findOrCreateTenantCustomer } from '../payments/find-or-create-tenant-customer.ts';
import { askStripe, createAtStripe } from '../payments/stripe-client.ts';
import { findOrCreatePrice, type PlanWithCredits, planIdOfCode, readPlan } from './plans-with-credits.ts';
import { type PlanSubscription, readSubscription } from './read-subscription.ts';

const startSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('found'),
    time_zone: z.string(),
    anchor_hour: z.int(),
    day: z.int(),
    start: z.int(),
  }),
  z.object({ status: z.literal('not_then'), today: z.string() }),
  z.object({ status: z.literal('unknown_tenant') }),
]);

const DAY_SECONDS = 86_400;

/** What time it is for a customer: that of their test clock, if they have one. */
async function nowOf({ stripe, now }: Dependencies, customer: string): Promise<Date> {
  const found = await askStripe(() => stripe.customers.retrieve(customer, { expand: ['test_clock'] }));
  if (found === null || found.deleted || typeof found.test_clock !== 'object') return now();
  return found.test_clock === null ? now() : new Date(found.test_clock.frozen_time * 1000);
}

/** When it begins, and on which day each period does. @throws Fault `not_found`, `invalid_request` */
async function startOf(deps: Dependencies, tenantId: string, customer: string, start: string | undefined) {
  const args = {
    p_tenant_id: tenantId,
    ...(start !== undefined && { p_start: start }),
    p_now: (await nowOf(deps, customer)).toISOString(),
  };
  const found = await callFunction(deps.database, 'subscription_start', args, startSchema);
  if (found.status === 'unknown_tenant') throw new Fault('not_found', 'There is no such tenant.');
  if (found.status === 'not_then')
    throw new Fault('invalid_request', `start_date: today (${found.today}), or a day of the month before.`);
  return found;
}

/** What Stripe knows of a customer is noted here, so that no second subscription begins. */
async function noteKnown(deps: Dependencies, customer: string): Promise<number> {
  const readAt = deps.now();
  const known = await askStripe(() =>
    deps.stripe.subscriptions.list({ customer, status: 'all', limit: 100 }),
  );
  for (const one of known?.data ?? []) await noteSubscription(deps, one, readAt);
  return known?.data.length ?? 0;
}

type Start = Awaited<ReturnType<typeof startOf>>;

/** A day of the plan's own month, by the zone of the tenant; or the days that it may be tried, which end at such an hour. */
function timesOf({ start, day, anchor_hour: hour }: Start, trialDays: number) {
  if (trialDays > 0) return { trial_end: start + trialDays * DAY_SECONDS };
  const config = { day_of_month: day, hour, minute: 0, second: 0 };
  return { backdate_start_date: start, billing_cycle_anchor_config: config };
}

async function createAt(
  deps: Dependencies,
  asked: { tenantId: string; customer: string; plan: PlanWithCredits; before: number; isTrial: boolean },
  found: Start,
) {
  const { stripe, config } = deps;
  const { tenantId, customer, plan, before, isTrial } = asked;
  const price = await findOrCreatePrice(deps, plan);
  const { time_zone, anchor_hour, start } = found;
  const metadata = { tenant_id: tenantId, plan_id: plan.id, time_zone, anchor_hour: String(anchor_hour) };
  // A tenant that came back is another subscription, also on the same day.
  const key = `plan:${tenantId}:${plan.id}:${start}:${before}`;
  return createAtStripe(key, (options) =>
    stripe.subscriptions.create(
      {
        customer,
        items: [{ price }],
        metadata,
        billing_mode: { type: 'flexible' },
        payment_behavior: 'allow_incomplete',
        ...timesOf(found, isTrial ? plan.trialDays : 0),
        ...(isTrial && { trial_settings: { end_behavior: { missing_payment_method: 'pause' } } }),
        ...(config.STRIPE_AUTOMATIC_TAX && { automatic_tax: { enabled: true } }),
      },
      options,
    ),
  );
}

/**
 * Subscribes a tenant to a plan with credits: its saved card pays at once; without one it is `incomplete`, and its invoice can be
 * paid on a page of Stripe for 23 hours. Asked again, it answers the same one.
 * @throws Fault `not_found`, `invalid_request`, `purchase_closed` where there is one of another plan, `payment_refused`,
 *   `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function beginPlan(
  deps: Dependencies,
  tenantId: string,
  { plan_code, start_date, trial, address }: z.infer<typeof beginPlanRequest>,
): Promise<PlanSubscription> {
  const { database, stripe } = deps;
  const plan = await readPlan(deps, planIdOfCode(plan_code), { forSale: true });
  if (trial === true && plan.trialDays === 0)
    throw new Fault('invalid_request', 'trial: this plan begins when it is paid.');
  const customer = await findOrCreateTenantCustomer(deps, tenantId);
  if (customer === null) throw new Fault('not_found', 'There is no such tenant.');
  if (address !== undefined) {
    const { country, state, postal_code, city, line1 } = address;
    const given = {
      country,
      ...(state !== undefined && { state }),
      ...(postal_code !== undefined && { postal_code }),
      ...(city !== undefined && { city }),
      ...(line1 !== undefined && { line1 }),
    };
    await askStripe(() => stripe.customers.update(customer, { address: given }));
  }
  const before = await noteKnown(deps, customer);
  const live = await callFunction(
    database,
    'live_subscription',
    { p_tenant_id: tenantId },
    z.string().nullable(),
  );
  if (live !== null) {
    const known = await readSubscription(deps, { tenantId, subscriptionId: live });
    if (planIdOfCode(known.plan_code) === plan.id) return known;
    throw new Fault('purchase_closed', 'This tenant has a subscription: change that one.');
  }
  const isTrial = trial === true && before === 0;
  if (trial === true && !isTrial)
    throw new Fault('invalid_request', 'trial: this tenant has had a plan before.');
  const found = await startOf(deps, tenantId, customer, start_date);
  const readAt = deps.now();
  const made = await createAt(deps, { tenantId, customer, plan, before, isTrial }, found);
  if (made === null) throw new Fault('payment_provider_unavailable');
  await noteSubscription(deps, made, readAt);
  const { latest_invoice: invoice } = made;
  if (invoice !== null) await applyInvoice(deps, typeof invoice === 'string' ? invoice : invoice.id);
  return readSubscription(deps, { tenantId, subscriptionId: made.id });
}

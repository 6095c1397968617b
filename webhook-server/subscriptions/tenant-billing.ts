import type Stripe from 'stripe';
import { z } from 'zod';
import { type planLine, subscriptionResponse } from '../../shared/api/subscriptions.ts';
import { priceKeyOf } from '../../shared/catalogue/plans.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { noteSubscription } from '../payments/apply-subscription.ts';
import { findOrCreateTenantCustomer } from '../payments/find-or-create-tenant-customer.ts';
import { askStripe, createAtStripe } from '../payments/stripe-client.ts';

const billingSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('found'),
    customer: z.string().nullable(),
    plan_id: z.string().nullable(),
    subscription: subscriptionResponse.shape.subscription,
  }),
  z.object({ status: z.enum(['forbidden', 'closed', 'unknown_tenant']) }),
]);

type Line = z.output<typeof planLine>;
/** Of the line `time` unless another is named. */
export type Asked = { userId: string; tenantId: string; line?: Line };

/**
 * What an owner, or who does the billing, sees of how their tenant pays.
 * @throws Fault `not_found`, `forbidden`, `database_unavailable`
 */
export async function readBilling({ database }: Dependencies, { userId, tenantId, line = 'time' }: Asked) {
  const args = { p_user_id: userId, p_tenant_id: tenantId, p_line: line };
  const billing = await callFunction(database, 'read_tenant_billing', args, billingSchema);
  if (billing.status === 'forbidden')
    throw new Fault('forbidden', 'That is for owners, and for who does the billing.');
  if (billing.status !== 'found') throw new Fault('not_found', 'There is no such tenant.');
  return billing;
}

const LIVING = ['active', 'past_due', 'trialing', 'unpaid', 'paused'];

type Price = { id: string; isMetered: boolean };

/** A plan that is for sale. @throws Fault `not_found`, `invalid_request` for one that costs nothing */
async function readPlan({ database }: Dependencies, planId: string) {
  const plans = database.from('plans').select('id, kind, line, base_price_cents');
  const { data, error } = await plans.eq('id', planId).eq('active', true).maybeSingle();
  if (error) throw databaseFault('plans', error);
  if (data === null) throw new Fault('not_found', 'No such plan is for sale.');
  if (data.base_price_cents === 0)
    throw new Fault(
      'invalid_request',
      'plan_id: this plan costs nothing. It holds where there is no other; cancel that one.',
    );
  return { ...data, line: data.line as Line };
}

async function isSoldBySeat({ database }: Dependencies, planId: string): Promise<boolean> {
  const { data, error } = await database.from('plans').select('kind').eq('id', planId).maybeSingle();
  if (error) throw databaseFault('plans', error);
  return data?.kind === 'seats';
}

/** The prices of a plan at Stripe, as the catalogue has brought them there. @throws Fault `payment_misconfigured` */
async function pricesOf({ stripe }: Dependencies, planId: string): Promise<Price[]> {
  const prices = await askStripe(async () => {
    const found: Price[] = [];
    const ours = { product: `mindbot_plan_${planId}`, active: true, type: 'recurring', limit: 100 } as const;
    for await (const { id, lookup_key, recurring } of stripe.prices.list(ours)) {
      if (lookup_key?.startsWith(priceKeyOf(planId, '')))
        found.push({ id, isMetered: recurring?.usage_type === 'metered' });
    }
    return found;
  });
  if (prices === null || prices.length === 0)
    throw new Fault('payment_misconfigured', 'The catalogue is not at Stripe yet.');
  return prices;
}

/**
 * Stripe may know of a subscription that we have not heard of yet, and of a page that somebody else has open: two of them
 * would both be paid.
 * @throws Fault `purchase_closed`, `payment_provider_unavailable`, `database_unavailable`
 */
async function refuseSecond(deps: Dependencies, customer: string, asked: Asked): Promise<void> {
  const { stripe } = deps;
  const readAt = deps.now();
  const known = await askStripe(() => stripe.subscriptions.list({ customer, limit: 10 }));
  for (const subscription of known?.data ?? []) await noteSubscription(deps, subscription, readAt);
  const { subscription } = await readBilling(deps, asked);
  if (subscription !== null && LIVING.includes(subscription.status)) {
    throw new Fault('purchase_closed', 'This tenant has a subscription: change that one.');
  }
}

/** Of pages for a line that the tenant has open, only the newest can still be paid. */
async function closeOtherPages(
  { stripe }: Dependencies,
  { customer, line, kept }: { customer: string; line: Line; kept: string },
): Promise<void> {
  const open = await askStripe(() => stripe.checkout.sessions.list({ customer, status: 'open', limit: 100 }));
  for (const { id, mode, metadata } of open?.data ?? []) {
    const isSame = (metadata?.line ?? 'time') === line;
    if (mode === 'subscription' && isSame && id !== kept)
      await askStripe(() => stripe.checkout.sessions.expire(id));
  }
}

/**
 * A page of Stripe on which the tenant subscribes to a plan. The same key answers the same page.
 * @throws Fault `not_found`, `forbidden`, `purchase_closed` where there is a subscription already,
 *   `payment_provider_unavailable`, `database_unavailable`
 */
export async function beginSubscription(
  deps: Dependencies,
  asked: Asked & { planId: string; seats: number; idempotencyKey: string; pageUrl: string },
): Promise<string> {
  const { tenantId, planId, seats, idempotencyKey, pageUrl } = asked;
  // Who may not subscribe is not told what is for sale.
  await readBilling(deps, asked);
  const { line, kind } = await readPlan(deps, planId);
  const inLine = { ...asked, line };
  const { subscription } = await readBilling(deps, inLine);
  if (subscription !== null)
    throw new Fault('purchase_closed', 'This tenant has a subscription: change that one.');
  const prices = await pricesOf(deps, planId);
  const customer = await findOrCreateTenantCustomer(deps, tenantId);
  if (customer === null) throw new Fault('not_found', 'There is no such tenant.');
  await refuseSecond(deps, customer, inLine);
  const session = await createAtStripe(`subscription:${tenantId}:${idempotencyKey}`, (options) =>
    deps.stripe.checkout.sessions.create(
      {
        mode: 'subscription',
        customer,
        line_items: prices.map(({ id, isMetered }) => ({
          price: id,
          ...(!isMetered && { quantity: kind === 'seats' ? seats : 1 }),
        })),
        metadata: { tenant_id: tenantId, line },
        subscription_data: { metadata: { tenant_id: tenantId, plan_id: planId } },
        success_url: new URL('/?checkout=done', pageUrl).href,
        cancel_url: new URL('/?checkout=back', pageUrl).href,
      },
      options,
    ),
  );
  if (session === null) throw new Fault('payment_provider_unavailable');
  // A page of which the subscription has begun, or that is over, is none to send anybody to.
  if (session.url === null)
    throw new Fault('purchase_closed', 'This page is over. Use a new key for a new one.');
  await closeOtherPages(deps, { customer, line, kept: session.id });
  return session.url;
}

async function current(deps: Dependencies, asked: Asked): Promise<{ id: string; plan_id: string }> {
  const { subscription } = await readBilling(deps, asked);
  if (subscription === null) throw new Fault('not_found', 'This tenant has no subscription.');
  return subscription;
}

/**
 * Another number of seats, or another plan: what is paid in advance is prorated by Stripe; what was used by the old plan's
 * meters is billed at once, and the new one's begin from now.
 * @throws Fault `not_found`, `forbidden`, `payment_refused`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function changeSubscription(
  deps: Dependencies,
  asked: Asked & { planId?: string | undefined; seats?: number | undefined },
): Promise<void> {
  const { planId, seats } = asked;
  // It would give back money of a plan whose credits were given already.
  if (asked.line === 'credits')
    throw new Fault('invalid_request', 'Plans with credits are changed by POST /subscriptions/:id/change.');
  const { id, plan_id: currentPlanId } = await current(deps, asked);
  const known = await askStripe(() => deps.stripe.subscriptions.retrieve(id));
  if (known === null) throw new Fault('not_found', 'This tenant has no subscription.');
  const items = known.items.data;
  const licensed = items.find(({ price }) => price.recurring?.usage_type === 'licensed');
  const plan = planId === undefined ? undefined : await readPlan(deps, planId);
  if (plan !== undefined && plan.line !== (asked.line ?? 'time'))
    throw new Fault(
      'invalid_request',
      'plan_id: this plan is of another line. Subscribe to it beside this one.',
    );
  if (seats !== undefined && !(await isSoldBySeat(deps, planId ?? currentPlanId)))
    throw new Fault('invalid_request', 'This plan has no seats.');
  const wanted = plan === undefined ? undefined : await pricesOf(deps, plan.id);
  const quantity = plan !== undefined && plan.kind !== 'seats' ? 1 : (seats ?? licensed?.quantity ?? 1);
  const changes =
    wanted === undefined
      ? items.filter((item) => item === licensed).map((item) => ({ id: item.id, quantity }))
      : [
          ...items
            .filter(({ price }) => !wanted.some((one) => one.id === price.id))
            .map((item) => ({ id: item.id, deleted: true })),
          ...wanted.flatMap(({ id: price, isMetered }): Stripe.SubscriptionUpdateParams.Item[] => {
            const same = items.find((item) => item.price.id === price);
            const count = isMetered ? {} : { quantity };
            return same === undefined ? [{ price, ...count }] : isMetered ? [] : [{ id: same.id, ...count }];
          }),
        ];
  const readAt = deps.now();
  const changed = await askStripe(() => deps.stripe.subscriptions.update(id, { items: changes }));
  if (changed !== null) await noteSubscription(deps, changed, readAt);
}

/** Ends the subscription with the period that is paid. @throws as `changeSubscription` */
export async function cancelSubscription(deps: Dependencies, asked: Asked): Promise<void> {
  const { id } = await current(deps, asked);
  const readAt = deps.now();
  const changed = await askStripe(() => deps.stripe.subscriptions.update(id, { cancel_at_period_end: true }));
  if (changed !== null) await noteSubscription(deps, changed, readAt);
}

/** The page of Stripe with the tenant's cards, invoices and subscription. @throws as `changeSubscription` */
export async function openPortal(deps: Dependencies, asked: Asked & { pageUrl: string }): Promise<string> {
  await readBilling(deps, asked);
  const customer = await findOrCreateTenantCustomer(deps, asked.tenantId);
  if (customer === null) throw new Fault('not_found', 'There is no such tenant.');
  const session = await askStripe(() =>
    deps.stripe.billingPortal.sessions.create({ customer, return_url: asked.pageUrl }),
  );
  if (session === null) throw new Fault('payment_provider_unavailable');
  return session.url;
}

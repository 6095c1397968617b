import type Stripe from 'stripe';
import type { z } from 'zod';
import { planPreviewResponse } from '../../shared/api/billing.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { applyInvoice } from '../payments/apply-invoice.ts';
import { noteSubscription } from '../payments/apply-subscription.ts';
import { askStripe, createAtStripe } from '../payments/stripe-client.ts';
import { findOrCreatePrice, type PlanWithCredits, planIdOfCode, readPlan } from './plans-with-credits.ts';
import { type Asked, type PlanSubscription, readSubscription } from './read-subscription.ts';

type Preview = z.infer<typeof planPreviewResponse>;

/** Living ones can be changed. @throws Fault `too_late`, and as `readSubscription` */
async function currentOf(deps: Dependencies, asked: Asked) {
  const known = await readSubscription(deps, asked);
  const found = await askStripe(() => deps.stripe.subscriptions.retrieve(asked.subscriptionId));
  if (found === null || ['canceled', 'incomplete_expired'].includes(found.status))
    throw new Fault('too_late', 'This subscription is over.');
  const [item] = found.items.data;
  if (item === undefined) throw new Fault('too_late', 'This subscription is over.');
  return { known, found, item };
}

type Current = Awaited<ReturnType<typeof currentOf>> & { from: PlanWithCredits; to: PlanWithCredits };

/** What the change is. @throws Fault `not_found`, `invalid_request`, `too_late` */
async function planChange(deps: Dependencies, asked: Asked, code: string): Promise<Current> {
  const current = await currentOf(deps, asked);
  const from = await readPlan(deps, planIdOfCode(current.known.plan_code), { forSale: false });
  const to = await readPlan(deps, planIdOfCode(code), { forSale: true });
  if (to.id === from.id) throw new Fault('invalid_request', 'plan_code: this plan is the one that it has.');
  if (to.currency !== from.currency)
    throw new Fault('invalid_request', 'plan_code: a subscription stays in its currency.');
  if (current.known.next_plan_code !== null)
    throw new Fault('too_late', 'A smaller plan is on its way: take that back first.');
  return { ...current, from, to };
}

const isLarger = ({ from, to }: Current) => to.basePriceCents > from.basePriceCents;

const previewLines = (invoice: Stripe.Invoice) =>
  invoice.lines.data.map(({ description, amount }) => ({ description, amount_cents: amount }));

async function blockersOf({ database }: Dependencies, tenantId: string, planId: string) {
  const args = { p_tenant_id: tenantId, p_plan_id: planId };
  return callFunction(database, 'downgrade_blockers', args, planPreviewResponse.shape.blockers);
}

/** Nothing is prorated of days that cost nothing. */
const prorationOf = ({ found }: Current) => (found.status === 'trialing' ? 'none' : 'always_invoice');

/**
 * What a change comes to, by the same moment as the change itself, so that its invoice says the same.
 * @throws Fault as `changePlan`
 */
export async function previewChange(deps: Dependencies, asked: Asked, code: string): Promise<Preview> {
  const change = await planChange(deps, asked, code);
  const { known, item, to } = change;
  const nothing = { subtotal_cents: 0, tax_cents: 0, total_cents: 0, amount_due_cents: 0, lines: [] };
  const plain = { currency: to.currency, proration_date: null, ...nothing, blockers: [] };
  if (!isLarger(change)) {
    const blockers = await blockersOf(deps, asked.tenantId, to.id);
    return { ...plain, direction: 'downgrade', effective_at: known.current_period_end, blockers };
  }
  const at = await momentOf(deps, change.found);
  const effective_at = new Date(at * 1000).toISOString();
  if (prorationOf(change) === 'none') return { ...plain, direction: 'upgrade', effective_at };
  const price = await findOrCreatePrice(deps, to);
  const invoice = await askStripe(() =>
    deps.stripe.invoices.createPreview({
      subscription: asked.subscriptionId,
      subscription_details: {
        items: [{ id: item.id, price }],
        proration_behavior: 'always_invoice',
        proration_date: at,
      },
    }),
  );
  if (invoice === null) throw new Fault('payment_provider_unavailable');
  return {
    ...plain,
    direction: 'upgrade',
    effective_at,
    proration_date: at,
    subtotal_cents: invoice.subtotal,
    tax_cents: (invoice.total_taxes ?? []).reduce((sum, { amount }) => sum + amount, 0),
    total_cents: invoice.total,
    amount_due_cents: invoice.amount_due,
    lines: previewLines(invoice),
  };
}

/** A change may be made for so long as it was shown; never as of a moment to come, which would cost nothing. */
const PREVIEW_HOLDS_SECONDS = 86_400;

/** Now, at Stripe: where time is moved by a clock, that of the clock. */
async function momentOf({ stripe, now }: Dependencies, found: Stripe.Subscription): Promise<number> {
  const { test_clock: id } = found;
  if (id === null) return Math.floor(now().getTime() / 1000);
  const clock = await askStripe(() =>
    stripe.testHelpers.testClocks.retrieve(typeof id === 'string' ? id : id.id),
  );
  return clock?.frozen_time ?? Math.floor(now().getTime() / 1000);
}

async function noteNow(deps: Dependencies, asked: Asked): Promise<PlanSubscription> {
  const readAt = deps.now();
  const found = await askStripe(() => deps.stripe.subscriptions.retrieve(asked.subscriptionId));
  if (found !== null) {
    await noteSubscription(deps, found, readAt);
    const { latest_invoice: invoice } = found;
    if (invoice !== null) await applyInvoice(deps, typeof invoice === 'string' ? invoice : invoice.id);
  }
  return readSubscription(deps, asked);
}

/** The difference is paid now; until it is, nothing is changed. */
async function upgrade(deps: Dependencies, asked: Asked, change: Current, at: number | undefined) {
  const { item, to, found } = change;
  const price = await findOrCreatePrice(deps, to);
  const present = await momentOf(deps, found);
  const moment = at ?? present;
  if (moment > present || moment < present - PREVIEW_HOLDS_SECONDS)
    throw new Fault('invalid_request', 'proration_date: ask for a preview again, it is too old or to come.');
  const items = [{ id: item.id, price }];
  await createAtStripe(`change:${asked.subscriptionId}:${item.price.id}:${to.id}:${moment}`, (options) =>
    deps.stripe.subscriptions.update(
      asked.subscriptionId,
      prorationOf(change) === 'none'
        ? { items, proration_behavior: 'none' }
        : {
            items,
            proration_behavior: 'always_invoice',
            proration_date: moment,
            payment_behavior: 'pending_if_incomplete',
          },
      options,
    ),
  );
}

/** The next period is of the smaller plan; this one stays what was paid for. @throws Fault `plan_too_small` */
async function downgrade(deps: Dependencies, asked: Asked, { item, from, to }: Current) {
  const blockers = await blockersOf(deps, asked.tenantId, to.id);
  if (blockers.length > 0) {
    const words = blockers.map(({ what, has, allows }) => `${what}: ${has}, and it takes ${allows}`);
    throw new Fault(
      'plan_too_small',
      `More is in use than that plan takes (${words.join('; ')}). Reduce it first.`,
    );
  }
  const price = await findOrCreatePrice(deps, to);
  await askStripe(() =>
    deps.stripe.subscriptions.update(asked.subscriptionId, {
      items: [{ id: item.id, price }],
      proration_behavior: 'none',
      metadata: { kept_plan_id: from.id, kept_until: String(item.current_period_end) },
    }),
  );
}

/**
 * A larger plan from now on, when its difference is paid; a smaller one from the next period.
 * @throws Fault `not_found`, `invalid_request`, `too_late`, `plan_too_small`, `payment_refused`, `payment_misconfigured`,
 *   `payment_provider_unavailable`, `database_unavailable`
 */
export async function changePlan(
  deps: Dependencies,
  asked: Asked,
  { plan_code: code, proration_date: at }: { plan_code: string; proration_date?: number | undefined },
): Promise<PlanSubscription> {
  const change = await planChange(deps, asked, code);
  if (isLarger(change)) await upgrade(deps, asked, change, at);
  else await downgrade(deps, asked, change);
  return noteNow(deps, asked);
}

/** The smaller plan that was on its way does not come. @throws as `changePlan` */
export async function keepPlan(deps: Dependencies, asked: Asked): Promise<PlanSubscription> {
  const { known, found, item } = await currentOf(deps, asked);
  if (known.next_plan_code !== null) {
    const kept = await readPlan(deps, planIdOfCode(known.plan_code), { forSale: false });
    const price = await findOrCreatePrice(deps, kept);
    await askStripe(() =>
      deps.stripe.subscriptions.update(found.id, {
        items: [{ id: item.id, price }],
        proration_behavior: 'none',
        metadata: { kept_plan_id: '', kept_until: '' },
      }),
    );
  }
  return noteNow(deps, asked);
}

/** Ends with the period that is paid, or now. @throws as `changePlan` */
export async function cancelPlan(deps: Dependencies, asked: Asked, when: 'period_end' | 'now') {
  const { found } = await currentOf(deps, asked);
  await askStripe(() =>
    when === 'now'
      ? deps.stripe.subscriptions.cancel(found.id)
      : deps.stripe.subscriptions.update(found.id, { cancel_at: 'min_period_end' }),
  );
  return noteNow(deps, asked);
}

/**
 * Nothing is billed until it goes on. What was paid for is not given back, as the credits of it were given: who had used
 * them could pause, and have both.
 */
export async function pausePlan(deps: Dependencies, asked: Asked): Promise<PlanSubscription> {
  const { found } = await currentOf(deps, asked);
  if (found.status === 'paused') return noteNow(deps, asked);
  await askStripe(() =>
    deps.stripe.subscriptions.pause(found.id, {
      type: 'subscription',
      bill_for: { unused_time_from: { type: 'none' } },
    }),
  );
  return noteNow(deps, asked);
}

/** Goes on: what was paused begins a period of its own, and what was to end does not. @throws as `changePlan` */
export async function resumePlan(deps: Dependencies, asked: Asked): Promise<PlanSubscription> {
  const { found } = await currentOf(deps, asked);
  if (found.status === 'paused')
    await askStripe(() =>
      deps.stripe.subscriptions.resume(found.id, { billing_cycle_anchor: { type: 'now' } }),
    );
  else if (found.cancel_at !== null)
    await askStripe(() => deps.stripe.subscriptions.update(found.id, { cancel_at: '' }));
  return noteNow(deps, asked);
}

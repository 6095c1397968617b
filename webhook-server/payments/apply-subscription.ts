import type Stripe from 'stripe';
import { z } from 'zod';
import { planIdOf } from '../../shared/catalogue/plans.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from './stripe-client.ts';

const answerSchema = z.object({
  status: z.enum(['applied', 'older_look', 'not_ours', 'unknown_plan', 'malformed']),
});

const idOf = (value: string | { id: string } | null | undefined): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null);

const at = (seconds: number | null): string | null =>
  seconds === null ? null : new Date(seconds * 1000).toISOString();

/** What is kept of a subscription. Its plan is that of its products; its seats are those of the item that is no meter's. */
function describe(subscription: Stripe.Subscription) {
  const items = subscription.items.data;
  const plans = items.flatMap(({ price }) => planIdOf(idOf(price.product) ?? '') ?? []);
  const { time_zone, anchor_hour, kept_plan_id, kept_until } = subscription.metadata;
  const seats = items.find(({ price }) => price.recurring?.usage_type === 'licensed');
  return {
    id: subscription.id,
    customer: idOf(subscription.customer),
    plan_id: plans[0] ?? null,
    status: subscription.status,
    quantity: seats?.quantity ?? null,
    current_period_start: at(items[0]?.current_period_start ?? null),
    current_period_end: at(items[0]?.current_period_end ?? null),
    cancel_at: at(subscription.cancel_at),
    trial_end: at(subscription.trial_end),
    ended_at: at(subscription.ended_at),
    ...(time_zone !== undefined && { time_zone }),
    ...(/^\d{1,2}$/.test(anchor_hour ?? '') && { anchor_hour: Number(anchor_hour) }),
    // A smaller plan that begins with the next period.
    ...(kept_plan_id !== undefined &&
      /^\d{1,12}$/.test(kept_until ?? '') && { kept_plan_id, kept_until: at(Number(kept_until)) }),
    items: items.map(({ id, price, quantity }) => ({ id, price: price.id, quantity: quantity ?? null })),
  };
}

/** Notes what Stripe answered about a subscription. @param readAt before it was asked */
export async function noteSubscription(
  { database }: Dependencies,
  subscription: Stripe.Subscription,
  readAt: Date,
): Promise<'applied' | 'not_ours'> {
  const args = { p_subscription: describe(subscription), p_read_at: readAt.toISOString() };
  const { status } = await callFunction(database, 'apply_subscription', args, answerSchema);
  // It is counted as a failure, and waits for somebody when it does not pass.
  if (status === 'malformed' || status === 'unknown_plan') {
    throw new Error(`the subscription ${subscription.id} cannot be noted: ${status}`);
  }
  return status === 'not_ours' ? 'not_ours' : 'applied';
}

/**
 * Brings a subscription, and the plan of its tenant, to what Stripe says now.
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function applySubscription(
  deps: Dependencies,
  id: string | null,
): Promise<'applied' | 'not_ours'> {
  if (id === null) return 'not_ours';
  const readAt = deps.now();
  const subscription = await askStripe(() => deps.stripe.subscriptions.retrieve(id));
  return subscription === null ? 'not_ours' : noteSubscription(deps, subscription, readAt);
}

/** The subscription that an event is about, or null where it is about none. */
export async function subscriptionOfEvent(
  { stripe }: Dependencies,
  { type, objectId }: { type: string; objectId: string },
): Promise<string | null> {
  if (type.startsWith('customer.subscription.')) return objectId;
  const session = await askStripe(() => stripe.checkout.sessions.retrieve(objectId));
  return idOf(session?.subscription);
}

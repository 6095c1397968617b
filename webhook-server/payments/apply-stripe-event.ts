import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { applyInvoice, invoiceOfEvent } from './apply-invoice.ts';
import { applyPayment } from './apply-payment.ts';
import { applySubscription, subscriptionOfEvent } from './apply-subscription.ts';
import { fetchPayment } from './fetch-payment.ts';
import type { EventHint } from './handled-events.ts';

const answerSchema = z.object({ status: z.string() });

async function finish({ database }: Dependencies, event: EventHint, outcome: string): Promise<string> {
  const args = { p_event_id: event.id, p_event_type: event.type, p_outcome: outcome };
  return (await callFunction(database, 'finish_stripe_event', args, answerSchema)).status;
}

/** Whoever lost their customer at Stripe is owed a new one; the outbox makes it. */
async function forgetCustomer(deps: Dependencies, event: EventHint): Promise<string> {
  const args = { p_customer_id: event.objectId };
  const { status } = await callFunction(deps.database, 'forget_customer', args, answerSchema);
  return finish(deps, event, status === 'forgotten' ? 'applied' : 'not_ours');
}

async function followSubscription(deps: Dependencies, event: EventHint): Promise<string> {
  return finish(deps, event, await applySubscription(deps, await subscriptionOfEvent(deps, event)));
}

async function followInvoice(deps: Dependencies, event: EventHint): Promise<string> {
  const id = await invoiceOfEvent(deps, event);
  return finish(deps, event, id === null ? 'not_ours' : await applyInvoice(deps, id));
}

async function apply(deps: Dependencies, event: EventHint): Promise<string> {
  if (event.type === 'customer.deleted') return forgetCustomer(deps, event);
  if (event.type.startsWith('customer.subscription.')) return followSubscription(deps, event);
  if (/^(invoice|credit_note)\./.test(event.type)) return followInvoice(deps, event);
  const fetched = await fetchPayment(deps.stripe, event.type, event.objectId);
  if (fetched !== null) return applyPayment(deps, fetched, event);
  // A page that begins a subscription sells no time.
  if (event.type.startsWith('checkout.session.')) return followSubscription(deps, event);
  return finish(deps, event, 'not_ours');
}

/**
 * Applies what a stored event hints at: fetches the payment from Stripe and brings its purchase and card to the same
 * state. Webhooks, the reconciler and an operator's replay all end here.
 * @returns what became of it: `applied`, `already_applied`, `duplicate_event`, `review`, `second_payment`, `other_intent` or `not_ours`
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`: apply the event again
 */
export async function applyStripeEvent(
  deps: Dependencies,
  event: EventHint,
  source: 'webhook' | 'reconciler' | 'operator',
): Promise<string> {
  const outcome = await apply(deps, event);
  deps.metrics.stripeEvents.inc({ source, type: event.type, outcome });
  const line = { event_id: event.id, type: event.type, source, outcome };
  if (outcome === 'review')
    deps.logger.error(line, 'a payment does not fit its purchase: look at it in Stripe');
  else if (outcome === 'second_payment')
    deps.logger.warn(line, 'a purchase was paid by a second intent; the money goes back');
  else deps.logger.info(line, 'a Stripe event was handled');
  return outcome;
}

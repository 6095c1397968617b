import type Stripe from 'stripe';
import { z } from 'zod';
import { currency, email, integer, text } from '../api/form.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { invalidRequest, type Reply } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';
import { requireCustomer } from '../customers/find-customer.ts';
import { suppliedPaymentMethod } from '../payment-methods/supplied-payment-method.ts';
import { checkChargeAmount } from './amount.ts';
import { futureUsage } from './payment-intent-params.ts';

export const updateParams = {
  amount: integer(1).optional(),
  currency: currency().optional(),
  customer: text().optional(),
  description: text(1000).optional(),
  metadata: metadata().optional(),
  payment_method: text().optional(),
  receipt_email: email().optional(),
  setup_future_usage: futureUsage.optional(),
  statement_descriptor: text(22).optional(),
  statement_descriptor_suffix: text(22).optional(),
};

const updateSchema = z.strictObject(updateParams);
type UpdateParams = z.output<typeof updateSchema>;

const ONLY_WHILE_OPEN = ['amount', 'currency', 'customer', 'payment_method'] as const;

function refuseWhenClosed(intent: Stripe.PaymentIntent, given: UpdateParams): void {
  const closed = intent.status === 'succeeded' || intent.status === 'canceled';
  const field = ONLY_WHILE_OPEN.find((name) => given[name] !== undefined);
  if (!closed || field === undefined) return;
  throw invalidRequest(
    `This PaymentIntent's ${field} could not be updated because it has a status of ${intent.status}. You may only update the ${field} of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.`,
    { code: 'payment_intent_unexpected_state', param: field, payment_intent: intent },
  );
}

/**
 * https://docs.stripe.com/api/payment_intents/update. A new payment method, or another amount while the
 * payer is authenticating the old one, must be confirmed again.
 */
export function updatePaymentIntent(call: Call, intent: Stripe.PaymentIntent, given: UpdateParams): Reply {
  refuseWhenClosed(intent, given);
  const amount = given.amount ?? intent.amount;
  const newCurrency = given.currency ?? intent.currency;
  checkChargeAmount(amount, newCurrency);
  requireCustomer(call, given.customer);
  const customer = given.customer ?? (typeof intent.customer === 'string' ? intent.customer : undefined);
  const method = suppliedPaymentMethod(call, given, { shown: { payment_intent: intent }, customer });
  const priceChanged = amount !== intent.amount || newCurrency !== intent.currency;
  const startOver = method !== undefined || (intent.status === 'requires_action' && priceChanged);
  return ok(
    call.store.update<Stripe.PaymentIntent>({
      ...intent,
      amount,
      currency: newCurrency,
      customer: given.customer ?? intent.customer,
      description: given.description ?? intent.description,
      metadata: mergeMetadata(intent.metadata, given.metadata),
      receipt_email: given.receipt_email === undefined ? intent.receipt_email : given.receipt_email,
      setup_future_usage:
        given.setup_future_usage === undefined ? intent.setup_future_usage : given.setup_future_usage,
      statement_descriptor: given.statement_descriptor ?? intent.statement_descriptor,
      statement_descriptor_suffix: given.statement_descriptor_suffix ?? intent.statement_descriptor_suffix,
      ...(method === undefined ? {} : { payment_method: method.id }),
      ...(startOver ? { status: 'requires_confirmation', next_action: null } : {}),
    }),
  );
}

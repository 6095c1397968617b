import type Stripe from 'stripe';
import { z } from 'zod';
import { checkChargeAmount } from '../api/amount.ts';
import { boolean, currency, email, integer, mergeMetadata, metadata, text } from '../api/form.ts';
import { invalidRequest, type Reply } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';
import { requireCustomer } from '../payment-methods/customers.ts';
import { paymentMethodData } from '../payment-methods/make-payment-method.ts';
import { suppliedPaymentMethod } from '../payment-methods/use-payment-method.ts';
import { newId, randomText } from '../store/kinds.ts';

/** What the payer agreed to, for methods that debit an account. */
export const mandateData = z.strictObject({
  customer_acceptance: z.strictObject({
    accepted_at: integer(0).optional(),
    offline: z.unknown().optional(),
    online: z.strictObject({ ip_address: text(), user_agent: text() }).optional(),
    type: z.enum(['offline', 'online']),
  }),
});

/** An empty string unsets it. */
export const futureUsage = z
  .enum(['', 'off_session', 'on_session'])
  .transform((usage) => (usage === '' ? null : usage));

/** What may be set when creating and when confirming. */
export const confirmParams = {
  error_on_requires_action: boolean().optional(),
  mandate_data: mandateData.optional(),
  off_session: boolean().optional(),
  payment_method: text().optional(),
  payment_method_data: paymentMethodData.optional(),
  receipt_email: email().optional(),
  return_url: z.url().optional(),
  setup_future_usage: futureUsage.optional(),
  use_stripe_sdk: boolean().optional(),
};

/** Which types of payment methods an intent takes. */
export const methodChoice = {
  allowed_payment_method_types: z
    .array(z.enum(['card', 'us_bank_account']))
    .min(1)
    .optional(),
  automatic_payment_methods: z
    .strictObject({ enabled: boolean(), allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
};

const choiceSchema = z.strictObject(methodChoice);

export const createParams = {
  ...confirmParams,
  ...methodChoice,
  amount: integer(1),
  capture_method: z.enum(['automatic', 'automatic_async']).optional(),
  confirm: boolean().optional(),
  confirmation_method: z.enum(['automatic']).optional(),
  currency: currency(),
  customer: text().optional(),
  description: text(1000).optional(),
  metadata: metadata().optional(),
  /** Of the preview of Stripe's API: see shared-tokens.ts. */
  shared_payment_granted_token: text().optional(),
  statement_descriptor: text(22).optional(),
  statement_descriptor_suffix: text(22).optional(),
  transfer_group: text(255).optional(),
};

const createSchema = z.strictObject(createParams);
export type CreateParams = z.output<typeof createSchema>;

/** Without a list of types the Dashboard's methods apply, redirects included (default since 2023-08-16). */
export function automaticMethods(given: z.output<typeof choiceSchema>) {
  const asked = given.automatic_payment_methods;
  if (asked?.enabled === false) return null;
  if (asked === undefined && given.allowed_payment_method_types !== undefined) return null;
  return { allow_redirects: asked?.allow_redirects ?? 'always', enabled: true };
}

export function newPaymentIntent(call: Call, given: CreateParams): Stripe.PaymentIntent {
  const id = newId('pi');
  return call.create('payment_intent', {
    id,
    allowed_payment_method_types: given.allowed_payment_method_types,
    amount: given.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    automatic_payment_methods: automaticMethods(given),
    capture_method: given.capture_method ?? 'automatic_async',
    client_secret: `${id}_secret_${randomText(25)}`,
    confirmation_method: 'automatic',
    currency: given.currency,
    customer: given.customer,
    description: given.description,
    metadata: mergeMetadata({}, given.metadata),
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: given.allowed_payment_method_types ?? ['card'],
    receipt_email: given.receipt_email,
    setup_future_usage: given.setup_future_usage,
    statement_descriptor: given.statement_descriptor,
    statement_descriptor_suffix: given.statement_descriptor_suffix,
    status: 'requires_payment_method',
    transfer_group: given.transfer_group,
  });
}

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
    call.change(intent, {
      ...given,
      metadata: mergeMetadata(intent.metadata, given.metadata),
      payment_method: method?.id,
      ...(startOver ? { status: 'requires_confirmation', next_action: null } : {}),
    }),
  );
}

/** https://docs.stripe.com/api/payment_intents/cancel; what has succeeded is refunded, not canceled. */
export function cancelPaymentIntent(
  call: Call,
  intent: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | undefined,
): Reply {
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidRequest(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
      { code: 'payment_intent_unexpected_state', payment_intent: intent },
    );
  }
  const canceled = call.change(intent, {
    canceled_at: call.nowSeconds,
    cancellation_reason: reason ?? null,
    next_action: null,
    status: 'canceled',
  });
  call.emit('payment_intent.canceled', canceled);
  return ok(canceled);
}

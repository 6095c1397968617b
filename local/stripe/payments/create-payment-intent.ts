import type Stripe from 'stripe';
import { mergeMetadata } from '../api/metadata.ts';
import { invalidParameter, type Reply } from '../api/refusal.ts';
import { type Call, ok } from '../api/route.ts';
import { requireCustomer } from '../customers/find-customer.ts';
import { suppliedPaymentMethod } from '../payment-methods/supplied-payment-method.ts';
import { newId, randomText } from '../store/identifiers.ts';
import { checkChargeAmount } from './amount.ts';
import { confirmPaymentIntent } from './confirm-payment-intent.ts';
import type { CreateParams } from './payment-intent-params.ts';

const ONLY_WITH_CONFIRM = ['error_on_requires_action', 'off_session', 'return_url'] as const;

/** Without a list of types the Dashboard's methods apply, redirects included (default since 2023-08-16). */
function automaticMethods(given: CreateParams): Stripe.PaymentIntent.AutomaticPaymentMethods | null {
  const asked = given.automatic_payment_methods;
  if (asked === undefined) {
    return given.allowed_payment_method_types === undefined
      ? { allow_redirects: 'always', enabled: true }
      : null;
  }
  return asked.enabled ? { allow_redirects: asked.allow_redirects ?? 'always', enabled: true } : null;
}

export function newPaymentIntent(call: Call, given: CreateParams): Stripe.PaymentIntent {
  const id = newId('pi');
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: given.allowed_payment_method_types ?? null,
    amount: given.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: automaticMethods(given),
    canceled_at: null,
    cancellation_reason: null,
    capture_method: given.capture_method ?? 'automatic_async',
    client_secret: `${id}_secret_${randomText(25)}`,
    confirmation_method: 'automatic',
    created: call.nowSeconds,
    currency: given.currency,
    customer: given.customer ?? null,
    customer_account: null,
    description: given.description ?? null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: mergeMetadata({}, given.metadata),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: given.allowed_payment_method_types ?? ['card'],
    payment_record: null,
    processing: null,
    receipt_email: given.receipt_email ?? null,
    review: null,
    setup_future_usage: given.setup_future_usage ?? null,
    shipping: null,
    source: null,
    statement_descriptor: given.statement_descriptor ?? null,
    statement_descriptor_suffix: given.statement_descriptor_suffix ?? null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  };
}

/** https://docs.stripe.com/api/payment_intents/create; with `confirm` it is paid, or declined (402), at once. */
export function createPaymentIntent(call: Call, given: CreateParams): Reply {
  checkChargeAmount(given.amount, given.currency);
  requireCustomer(call, given.customer);
  const misplaced = ONLY_WITH_CONFIRM.find((name) => given[name] !== undefined);
  if (given.confirm !== true && misplaced !== undefined) {
    throw invalidParameter(
      `The parameter \`${misplaced}\` cannot be passed when creating a PaymentIntent unless confirm is set to true.`,
      { param: misplaced },
    );
  }
  const intent = call.store.insert(newPaymentIntent(call, given));
  if (given.confirm === true) {
    call.emit('payment_intent.created', intent);
    return confirmPaymentIntent(call, intent, given);
  }
  const method = suppliedPaymentMethod(call, given, {
    shown: { payment_intent: intent },
    customer: given.customer,
  });
  const created =
    method === undefined
      ? intent
      : call.store.update<Stripe.PaymentIntent>({
          ...intent,
          payment_method: method.id,
          status: 'requires_confirmation',
        });
  call.emit('payment_intent.created', created);
  return ok(created);
}

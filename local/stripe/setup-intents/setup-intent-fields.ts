import type Stripe from 'stripe';
import { z } from 'zod';
import { boolean, text } from '../api/form.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import type { Call } from '../api/route.ts';
import { paymentMethodData } from '../payment-methods/read-card.ts';
import { mandateData } from '../payments/payment-intent-params.ts';
import { newId, randomText } from '../store/identifiers.ts';

export const confirmParams = {
  mandate_data: mandateData.optional(),
  payment_method: text().optional(),
  payment_method_data: paymentMethodData.optional(),
  return_url: z.url().optional(),
  use_stripe_sdk: boolean().optional(),
};

export const createParams = {
  ...confirmParams,
  allowed_payment_method_types: z
    .array(z.enum(['card', 'us_bank_account']))
    .min(1)
    .optional(),
  automatic_payment_methods: z
    .strictObject({ enabled: boolean(), allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
  confirm: boolean().optional(),
  customer: text().optional(),
  description: text(1000).optional(),
  metadata: metadata().optional(),
  usage: z.enum(['off_session', 'on_session']).optional(),
};

const createSchema = z.strictObject(createParams);
export type CreateParams = z.output<typeof createSchema>;

function automaticMethods(given: CreateParams): Stripe.SetupIntent.AutomaticPaymentMethods | null {
  const asked = given.automatic_payment_methods;
  if (asked?.enabled === false) return null;
  if (asked === undefined && given.allowed_payment_method_types !== undefined) return null;
  return { allow_redirects: asked?.allow_redirects ?? 'always', enabled: true };
}

export function newSetupIntent(call: Call, given: CreateParams): Stripe.SetupIntent {
  const id = newId('seti');
  return {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: given.allowed_payment_method_types ?? null,
    application: null,
    automatic_payment_methods: automaticMethods(given),
    cancellation_reason: null,
    client_secret: `${id}_secret_${randomText(25)}`,
    created: call.nowSeconds,
    customer: given.customer ?? null,
    customer_account: null,
    description: given.description ?? null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: mergeMetadata({}, given.metadata),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: given.allowed_payment_method_types ?? ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: given.usage ?? 'off_session',
  };
}

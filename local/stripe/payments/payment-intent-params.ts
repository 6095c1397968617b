import { z } from 'zod';
import { boolean, currency, email, integer, text } from '../api/form.ts';
import { metadata } from '../api/metadata.ts';
import { paymentMethodData } from '../payment-methods/read-card.ts';

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

export const createParams = {
  ...confirmParams,
  allowed_payment_method_types: z
    .array(z.enum(['card', 'us_bank_account']))
    .min(1)
    .optional(),
  amount: integer(1),
  automatic_payment_methods: z
    .strictObject({ enabled: boolean(), allow_redirects: z.enum(['always', 'never']).optional() })
    .optional(),
  capture_method: z.enum(['automatic', 'automatic_async']).optional(),
  confirm: boolean().optional(),
  confirmation_method: z.enum(['automatic']).optional(),
  currency: currency(),
  customer: text().optional(),
  description: text(1000).optional(),
  metadata: metadata().optional(),
  statement_descriptor: text(22).optional(),
  statement_descriptor_suffix: text(22).optional(),
};

const createSchema = z.strictObject(createParams);
export type CreateParams = z.output<typeof createSchema>;

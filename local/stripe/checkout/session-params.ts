import { z } from 'zod';
import { boolean, currency, email, integer, text } from '../api/form.ts';
import { metadata } from '../api/metadata.ts';
import { futureUsage } from '../payments/payment-intent-params.ts';

const productData = z.strictObject({
  name: text(),
  description: text().optional(),
  images: z.array(z.url()).max(8).optional(),
  metadata: metadata().optional(),
  tax_code: text().optional(),
});

const priceData = z.strictObject({
  currency: currency(),
  product: text().optional(),
  product_data: productData.optional(),
  tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
  unit_amount: integer(0, 99_999_999),
});

const lineItem = z.strictObject({
  price: text().optional(),
  price_data: priceData.optional(),
  quantity: integer(1).optional(),
  metadata: metadata().optional(),
});

export type LineItemParam = z.output<typeof lineItem>;

const paymentIntentData = z.strictObject({
  description: text(1000).optional(),
  metadata: metadata().optional(),
  receipt_email: email().optional(),
  setup_future_usage: futureUsage.optional(),
  statement_descriptor: text(22).optional(),
  statement_descriptor_suffix: text(22).optional(),
});

/** https://docs.stripe.com/api/checkout/sessions/create, for hosted pages that take one payment. */
export const sessionParams = {
  allowed_payment_method_types: z
    .array(z.enum(['card', 'us_bank_account']))
    .min(1)
    .optional(),
  automatic_tax: z.strictObject({ enabled: boolean() }).optional(),
  billing_address_collection: z.enum(['auto']).optional(),
  cancel_url: text().optional(),
  client_reference_id: text(200).optional(),
  customer: text().optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: email().optional(),
  customer_update: z.strictObject({ address: z.enum(['auto', 'never']).optional() }).optional(),
  expires_at: integer(0).optional(),
  line_items: z.array(lineItem).min(1).max(100),
  locale: text().optional(),
  metadata: metadata().optional(),
  mode: z.enum(['payment']),
  payment_intent_data: paymentIntentData.optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay']).optional(),
  success_url: text(),
  ui_mode: z.enum(['hosted', 'hosted_page']).optional(),
};

const sessionSchema = z.strictObject(sessionParams);
export type SessionParams = z.output<typeof sessionSchema>;

export const SESSION_NOT_MODELLED = [
  'adaptive_pricing',
  'after_expiration',
  'allow_promotion_codes',
  'branding_settings',
  'consent_collection',
  'currency',
  'custom_fields',
  'custom_text',
  'customer_account',
  'discounts',
  'excluded_payment_method_types',
  'integration_identifier',
  'invoice_creation',
  'managed_payments',
  'name_collection',
  'optional_items',
  'origin_context',
  'payment_method_collection',
  'payment_method_configuration',
  'payment_method_data',
  'payment_method_options',
  'permissions',
  'phone_number_collection',
  'redirect_on_completion',
  'return_url',
  'saved_payment_method_options',
  'setup_intent_data',
  'shipping_address_collection',
  'shipping_options',
  'subscription_data',
  'tax_id_collection',
  'wallet_options',
];

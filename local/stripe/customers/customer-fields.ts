import type Stripe from 'stripe';
import { z } from 'zod';
import { email, emptyableText, text } from '../api/form.ts';
import { metadata } from '../api/metadata.ts';
import { noSuchReference } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';

const address = z.strictObject({
  city: emptyableText().optional(),
  country: emptyableText(2).optional(),
  line1: emptyableText().optional(),
  line2: emptyableText().optional(),
  postal_code: emptyableText().optional(),
  state: emptyableText().optional(),
});

/** What may be set when creating and when updating a customer. */
export const customerParams = {
  address: z.union([z.literal(''), address]).optional(),
  email: email().optional(),
  invoice_settings: z.strictObject({ default_payment_method: emptyableText().optional() }).optional(),
  metadata: metadata().optional(),
  name: emptyableText(256).optional(),
  phone: emptyableText(20).optional(),
  description: emptyableText().optional(),
  preferred_locales: z.array(text()).optional(),
};

export function addressOf(given: z.output<typeof customerParams.address>): Stripe.Address | null | undefined {
  if (given === undefined) return undefined;
  if (given === '') return null;
  return {
    city: given.city ?? null,
    country: given.country ?? null,
    line1: given.line1 ?? null,
    line2: given.line2 ?? null,
    postal_code: given.postal_code ?? null,
    state: given.state ?? null,
  };
}

/**
 * The customer with another default payment method (null: none; undefined: as it is).
 * @throws StripeRefusal 400 unless the method is attached to this customer.
 */
export function withDefaultMethod(
  call: Call,
  customer: Stripe.Customer,
  methodId: string | null | undefined,
): Stripe.Customer {
  if (methodId === undefined) return customer;
  const param = 'invoice_settings[default_payment_method]';
  if (methodId !== null && call.store.find('payment_method', methodId)?.customer !== customer.id) {
    throw noSuchReference('PaymentMethod', methodId, param);
  }
  return {
    ...customer,
    invoice_settings: { ...customer.invoice_settings, default_payment_method: methodId },
  };
}

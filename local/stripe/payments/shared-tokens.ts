import type Stripe from 'stripe';
import { z } from 'zod';
import { integer, text } from '../api/form.ts';
import { invalidRequest, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { namedPaymentMethod } from '../payment-methods/use-payment-method.ts';

const PREFIX = 'spt_';
const LIMITS = z.object({
  currency: z.string(),
  max_amount: z.coerce.number(),
  expires_at: z.coerce.number(),
});

/** As the agent of a buyer gets one from its wallet: a method to pay with, up to an amount, for a while, at one seller. */
const grant = route({
  method: 'POST',
  path: '/v1/test_helpers/shared_payment/granted_tokens',
  params: {
    payment_method: text(),
    usage_limits: z.strictObject({ currency: text(3), max_amount: integer(1), expires_at: integer(1) }),
    seller_details: z.strictObject({ network_id: text(), external_id: text().optional() }).optional(),
  },
  handle(call, { payment_method: name, usage_limits: limits }) {
    const method = namedPaymentMethod(call, name);
    const metadata = Object.fromEntries(Object.entries(limits).map(([key, value]) => [key, String(value)]));
    call.change(method, { metadata });
    return ok({
      id: PREFIX + method.id,
      object: 'shared_payment.granted_token',
      usage_limits: limits,
      livemode: false,
    });
  },
});

/**
 * The method behind a token, as far as its limits go. It pays once, as every method without a customer.
 * @throws StripeRefusal 400 for a token that is unknown, over, or for less
 */
export function methodOfToken(
  call: Call,
  token: string,
  { amount, currency }: { amount: number; currency: string },
): Stripe.PaymentMethod {
  const param = 'shared_payment_granted_token';
  if (!token.startsWith(`${PREFIX}pm_`)) throw noSuchReference('SharedPaymentGrantedToken', token, param);
  const method = namedPaymentMethod(call, token.slice(PREFIX.length));
  const limits = LIMITS.safeParse(method.metadata);
  if (!limits.success) throw noSuchReference('SharedPaymentGrantedToken', token, param);
  const { max_amount: most, currency: of, expires_at: end } = limits.data;
  if (end <= call.nowSeconds) {
    throw invalidRequest('The shared payment granted token has expired.', { param });
  }
  if (of !== currency || amount > most) {
    throw invalidRequest('The amount exceeds the usage limits of the shared payment granted token.', {
      param,
    });
  }
  return method;
}

export const sharedTokenRoutes: readonly Route[] = [grant];

import Stripe from 'stripe';
import { z } from 'zod';
import type { CreateCheckoutSessionResponse } from '../../shared/api/checkout.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { type BegunPurchase, beginPurchase } from '../../shared/purchases/begin-purchase.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { createForPurchase } from './create-for-purchase.ts';
import type { PurchaseRequest } from './create-payment-intent.ts';
import { findOrCreateCustomer } from './find-or-create-customer.ts';
import { askStripe } from './stripe-client.ts';

/** For a purchase that cannot be paid any more because it was. */
const PAID = 'This purchase is paid already, or its payment is on its way.';

/**
 * Makes sure that an intent can never be paid any more. Stripe decides it: an intent is either canceled or paid, even
 * where both are tried at the same moment (https://docs.stripe.com/api/payment_intents/cancel).
 * @throws Fault `purchase_closed` where it is paid or its money is on its way, `payment_provider_unavailable`
 */
async function closeIntent({ stripe }: Dependencies, intentId: string): Promise<void> {
  const canceled = await askStripe(async () => {
    try {
      return await stripe.paymentIntents.cancel(intentId);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
      // Not to be canceled: because it was before, or because money moved.
      return stripe.paymentIntents.retrieve(intentId);
    }
  });
  if (canceled !== null && canceled.status !== 'canceled') throw new Fault('purchase_closed', PAID);
}

export type CheckoutRequest = Omit<PurchaseRequest, 'keepCard'> & {
  /** Where the buyer comes back to. */
  pageUrl: string;
};

/** Long enough to look for one's card; Stripe takes 30 minutes to a day. */
const LASTS_SECONDS = 2 * 3600;

const choiceSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('chosen'),
    checkout_session_id: z.string().nullable(),
    expires_at_seconds: z.int(),
    replaced_intent_id: z.string().nullable(),
  }),
  z.object({ status: z.enum(['closed', 'unknown_purchase']) }),
]);

/** Back to our page, which reads there what happened: `web/src/payments/payment-return.ts`. */
function returnAddress({ pageUrl, idempotencyKey }: CheckoutRequest, checkout: 'done' | 'back'): string {
  const address = new URL(pageUrl);
  address.searchParams.set('attempt', idempotencyKey);
  address.searchParams.set('checkout', checkout);
  return address.href;
}

function sessionParams(
  { config }: Dependencies,
  request: CheckoutRequest,
  { purchase }: BegunPurchase,
  rest: { customer: string; expires_at: number },
): Stripe.Checkout.SessionCreateParams {
  const metadata = {
    purchase_id: purchase.id,
    user_id: request.userId,
    package_id: purchase.package_id,
    for: purchase.purpose,
    price_cents: String(purchase.amount_cents),
  };
  const description = `Time card: ${purchase.package_id}`;
  return {
    ...rest,
    mode: 'payment',
    // The price that the purchase has, which need not be today's.
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: purchase.currency,
          unit_amount: purchase.amount_cents,
          product_data: { name: description },
        },
      },
    ],
    client_reference_id: purchase.id,
    metadata,
    payment_intent_data: { description, metadata },
    success_url: returnAddress(request, 'done'),
    cancel_url: returnAddress(request, 'back'),
    ...(config.STRIPE_AUTOMATIC_TAX && {
      automatic_tax: { enabled: true },
      // Where a buyer is taxed, only they can say: https://docs.stripe.com/tax/checkout
      customer_update: { address: 'auto' as const },
    }),
  };
}

async function createSession(
  deps: Dependencies,
  request: CheckoutRequest,
  begun: BegunPurchase,
  expiresAt: number,
): Promise<Stripe.Checkout.Session | null> {
  const { purchase, stripeCustomerId } = begun;
  const customer = await findOrCreateCustomer(deps, { userId: request.userId, stripeCustomerId });
  const params = sessionParams(deps, request, begun, { customer, expires_at: expiresAt });
  const session = await createForPurchase(deps, purchase, ({ idempotencyKey }) =>
    // The plain key is that of the purchase's intent.
    deps.stripe.checkout.sessions.create(params, { idempotencyKey: `${idempotencyKey}:page` }),
  );
  const args = { p_purchase_id: purchase.id, p_session_id: session.id };
  const counts = await callFunction(deps.database, 'attach_checkout_session', args, z.string());
  // Where two were made, the address of the other one is given to nobody.
  return counts === session.id ? session : askStripe(() => deps.stripe.checkout.sessions.retrieve(counts));
}

/**
 * Begins a purchase, or finds the one that this key began, and its page at Stripe. From then on the purchase can be paid
 * there and nowhere else: the database takes no other intent for it, and the one that it had is canceled before the
 * page is made. Harmless to repeat at any point.
 * @throws Fault `unknown_package`, `idempotency_key_reused`, `purchase_closed` (paid, or on its way),
 *   `payment_provider_unavailable`, `database_unavailable`, `not_signed_in`
 */
export async function createCheckoutSession(
  deps: Dependencies,
  request: CheckoutRequest,
): Promise<CreateCheckoutSessionResponse> {
  const begun = await beginPurchase(deps.database, request);
  const args = { p_purchase_id: begun.purchase.id, p_lasts_seconds: LASTS_SECONDS };
  const choice = await callFunction(deps.database, 'choose_checkout', args, choiceSchema);
  if (choice.status !== 'chosen') {
    const { status } = begun.purchase;
    throw new Fault('purchase_closed', status === 'succeeded' || status === 'processing' ? PAID : undefined);
  }
  const { checkout_session_id: known, replaced_intent_id: replaced, expires_at_seconds: expiresAt } = choice;
  if (known === null && replaced !== null) await closeIntent(deps, replaced);
  const session =
    known === null
      ? await createSession(deps, request, begun, expiresAt)
      : await askStripe(() => deps.stripe.checkout.sessions.retrieve(known));
  if (session?.status !== 'open' || typeof session.url !== 'string') throw new Fault('purchase_closed');
  return {
    checkout_url: session.url,
    purchase_id: begun.purchase.id,
    expires_at: new Date(session.expires_at * 1000).toISOString(),
  };
}

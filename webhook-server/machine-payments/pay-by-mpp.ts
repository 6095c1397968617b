import { Challenge, Credential } from 'mppx';
import { Methods } from 'mppx/stripe';
import Stripe from 'stripe';
import { z } from 'zod';
import type { MachineOrder } from '../../shared/api/machine-payments.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { applyPayment } from '../payments/apply-payment.ts';
import { fetchPaymentOfIntent } from '../payments/fetch-payment-of-intent.ts';
import { isOutcomeUnknown, stripeFault } from '../payments/stripe-client.ts';
import { beginPayment, findOrder, type Wish } from './orders.ts';
import type { Shop } from './pay-by-x402.ts';
import { isOver, type Product, QUOTE_SECONDS, readQuote, wordsFor, writeQuote } from './quote.ts';

/** Seller at Stripe, and who we say that we are. */
export type Mpp = { secretKey: string; networkId: string; realm: string };

/** Stripe takes no less by card; a challenge for less would only be refused once it is paid. */
const LEAST_CENTS = 50;
/** Tokens of shared payments are in preview (https://docs.stripe.com/agentic-commerce/concepts/shared-payment-tokens). */
const PREVIEW = '2026-07-29.preview';

/**
 * What it costs by card, as `WWW-Authenticate` has it; null where a card cannot pay so little. The one method is named
 * here: helpers that compose all of them also offer chains of real money.
 */
export function offerByMpp({ deps, quoteKey }: Shop, mpp: Mpp, product: Product): string | null {
  if (product.cents < LEAST_CENTS) return null;
  const now = deps.now();
  return Challenge.serialize(
    Challenge.fromMethod(Methods.charge, {
      realm: mpp.realm,
      secretKey: mpp.secretKey,
      description: wordsFor(product),
      expires: new Date(now.getTime() + QUOTE_SECONDS * 1000).toISOString(),
      meta: { quote: writeQuote(quoteKey, product, now) },
      request: {
        amount: (product.cents / 100).toFixed(2),
        currency: 'usd',
        decimals: 2,
        networkId: mpp.networkId,
        paymentMethodTypes: ['card'],
      },
    }),
  );
}

/** What we put into the challenge, as it comes back: clients pass it on as it is, and its name is over it. */
function quoteOf(key: string, opaque: string | undefined) {
  try {
    const { quote } = JSON.parse(Buffer.from(opaque ?? '', 'base64url').toString('utf8'));
    return readQuote(key, quote);
  } catch {
    return null;
  }
}

const payloadSchema = z.object({ spt: z.string().min(1).max(255) });

function credentialOf(header: string) {
  try {
    const { challenge, payload } = Credential.deserialize<unknown>(header);
    return { challenge, payload: payloadSchema.parse(payload) };
  } catch (cause) {
    throw new Fault('invalid_request', 'Authorization: is no payment of MPP by a token of Stripe', { cause });
  }
}

type Charge = { purchaseId: string; wish: Wish; token: string };

/**
 * Charges the token, under the purchase's own key and no other: a repeat after a crash finds what an earlier try made, and
 * where Stripe keeps an error of its own under it, nothing is charged again. The comparison finds out then.
 */
async function charge(
  deps: Dependencies,
  { purchaseId, wish, token }: Charge,
): Promise<Stripe.PaymentIntent> {
  const { product, payer } = wish;
  const params = {
    amount: product.cents,
    currency: 'usd',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    // Not in the types yet.
    shared_payment_granted_token: token,
    description: `Time by MPP: ${product.packageId}`,
    metadata: {
      purchase_id: purchaseId,
      package_id: product.packageId,
      price_cents: String(product.cents),
      ...(payer.userId !== undefined && { user_id: payer.userId }),
    },
  };
  return deps.stripe.paymentIntents.create(params as Stripe.PaymentIntentCreateParams, {
    idempotencyKey: `purchase:${purchaseId}`,
    apiVersion: PREVIEW,
  });
}

/** The intent behind a declined card. */
function declinedIntent(error: unknown): { id: string; why: string } | null {
  if (!(error instanceof Stripe.errors.StripeCardError) || error.payment_intent === undefined) return null;
  return { id: error.payment_intent.id, why: error.decline_code ?? error.code ?? 'declined' };
}

async function apply(deps: Dependencies, intentId: string): Promise<void> {
  const fetched = await fetchPaymentOfIntent(deps.stripe, intentId, true);
  if (fetched !== null) await applyPayment(deps, fetched, null);
}

/**
 * Takes a payment by card over MPP: bound to the order first; then charged; and the card given by what Stripe says of the
 * intent, as for every other payment at Stripe: a webhook or the comparison gives it where this process does not.
 * @returns the order, or why the payment is not one for it
 * @throws Fault as `beginPayment`, `payment_refused`, `payment_misconfigured`
 */
export async function payByMpp(
  shop: Shop,
  mpp: Mpp,
  wish: Wish,
  header: string,
): Promise<MachineOrder | { refusal: string }> {
  const { deps } = shop;
  const { challenge, payload } = credentialOf(header);
  const isOurs = Challenge.verify(challenge, { secretKey: mpp.secretKey });
  const quote = quoteOf(shop.quoteKey, challenge.opaque);
  const isMeant =
    challenge.method === 'stripe' && challenge.intent === 'charge' && challenge.realm === mpp.realm;
  if (!isOurs || !isMeant || quote === null || quote.of !== wish.product.of) {
    return { refusal: 'this is not what was asked for: answer the challenge of WWW-Authenticate' };
  }
  if (isOver(quote, deps.now())) return { refusal: 'this challenge is over' };
  const sold = { ...wish, product: quote };
  const begun = await beginPayment(deps, sold, { rail: 'mpp', key: `mpp:${challenge.id}`, currency: 'usd' });
  if ('status' in begun) return begun;
  const { purchaseId, isFirst } = begun;
  try {
    const intent = await charge(deps, { purchaseId, wish: sold, token: payload.spt });
    await apply(deps, intent.id);
  } catch (error) {
    const declined = declinedIntent(error);
    if (declined !== null) {
      await apply(deps, declined.id);
      return { refusal: declined.why };
    }
    if (error instanceof Fault) throw error;
    const fault = stripeFault(error);
    // What refuses a repeat, or says that there are too many, says nothing of a try before it.
    if (isFirst && !isOutcomeUnknown(error) && fault.code !== 'payment_provider_unavailable') {
      // Refused, and nothing was made: the order is over, and another payment may be tried.
      const ended = { p_purchase_id: purchaseId, p_older_than_seconds: 0 };
      await callFunction(deps.database, 'end_purchase_unmade', ended, z.boolean());
      throw fault;
    }
    // Stripe may have taken it: the order waits for the webhook, the comparison, or the same payment again.
    const unknown = { p_purchase_id: purchaseId };
    await callFunction(deps.database, 'note_unknown_outcome', unknown, z.boolean());
  }
  const order = await findOrder(deps, wish.payer, { orderId: purchaseId });
  if (order === null) throw new Fault('internal');
  return order;
}

import { decodePaymentSignatureHeader, encodePaymentRequiredHeader } from '@x402/core/http';
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import type { MachineOrder } from '../../shared/api/machine-payments.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import type { Facilitator } from './facilitator.ts';
import { type Network, UNITS_PER_CENT } from './networks.ts';
import { beginPayment, noteOutcome, type Wish } from './orders.ts';
import { factsOf } from './payment-key.ts';
import { isOver, type Product, QUOTE_SECONDS, readQuote, wordsFor, writeQuote } from './quote.ts';

export type Shop = { deps: Dependencies; quoteKey: string };

export type X402 = { networks: readonly Network[]; facilitator: Facilitator };

function requirementsOf(network: Network, cents: number, extra: object): PaymentRequirements {
  return {
    scheme: 'exact',
    network: network.id,
    asset: network.asset,
    amount: String(cents * UNITS_PER_CENT),
    payTo: network.payTo,
    maxTimeoutSeconds: QUOTE_SECONDS,
    extra: { ...network.extra, ...extra },
  };
}

/** What it costs on each chain, as `PAYMENT-REQUIRED` has it. A chain whose fee payer is not known is left out. */
export async function offerByX402(
  { deps, quoteKey }: Shop,
  { networks, facilitator }: X402,
  product: Product,
  about: { url: string; error?: string | undefined },
): Promise<string> {
  const quote = writeQuote(quoteKey, product, deps.now());
  const accepts = await Promise.all(
    networks.map(async (network) => {
      if (network.id.startsWith('eip155:')) {
        return [requirementsOf(network, product.cents, { paymentFlow: 'upfront', quote })];
      }
      const feePayer = await facilitator.feePayerOf(network.id).catch(() => undefined);
      return feePayer === undefined
        ? []
        : [requirementsOf(network, product.cents, { paymentFlow: 'upfront', feePayer, quote })];
    }),
  );
  return encodePaymentRequiredHeader({
    x402Version: 2,
    error: about.error ?? 'payment required',
    resource: { url: about.url, description: wordsFor(product), mimeType: 'application/json' },
    accepts: accepts.flat(),
  });
}

function payloadOf(header: string): PaymentPayload {
  try {
    const payload = decodePaymentSignatureHeader(header);
    if (payload.x402Version !== 2 || typeof payload.accepted !== 'object') throw new Error('not version 2');
    return payload;
  } catch (cause) {
    throw new Fault('invalid_request', 'PAYMENT-SIGNATURE: is no payment of x402, version 2', { cause });
  }
}

/** What we asked for, and not what the payment says that we did; null where we did not, or no longer do. */
function askedFor(shop: Shop, { networks }: X402, wish: Wish, { accepted }: PaymentPayload) {
  const network = networks.find(({ id, asset }) => id === accepted.network && asset === accepted.asset);
  const quote = readQuote(shop.quoteKey, accepted.extra?.quote);
  if (network === undefined || quote === null || quote.of !== wish.product.of) return null;
  const feePayer = accepted.extra?.feePayer;
  const extra = {
    paymentFlow: 'upfront',
    ...(typeof feePayer === 'string' && { feePayer }),
    quote: accepted.extra?.quote,
  };
  const requirements = requirementsOf(network, quote.cents, extra);
  const isSame = (['scheme', 'amount', 'payTo'] as const).every(
    (name) => requirements[name] === accepted[name],
  );
  return isSame ? { requirements, quote } : null;
}

/**
 * Takes a payment over x402: bound to the order first, settled then, and the card with the settlement. The same payment
 * again answers the same order; another one for an order that is paid, or may be, is not taken.
 * @returns the order, or why the payment is not one for it (ask again with a new price)
 * @throws Fault as `beginPayment`
 */
export async function payByX402(
  shop: Shop,
  x402: X402,
  wish: Wish,
  header: string,
): Promise<MachineOrder | { refusal: string }> {
  const payload = payloadOf(header);
  const asked = askedFor(shop, x402, wish, payload);
  if (asked === null)
    return { refusal: 'this is not what was asked for: pay what PAYMENT-REQUIRED says now' };
  const { requirements, quote } = asked;
  const facts = factsOf(payload);
  if (facts === null) return { refusal: 'invalid_payload' };
  const sold = { ...wish, product: quote };
  const fields = {
    network: requirements.network,
    asset: requirements.asset,
    amount_units: Number(requirements.amount),
    payer: facts.payer,
    pay_to: requirements.payTo,
    valid_before: facts.validBeforeSeconds,
    payload,
    requirements,
  };
  const { facilitator } = x402;
  // Nothing is noted of what nobody would take.
  if (isOver(quote, shop.deps.now())) return { refusal: 'this price is over' };
  const refusal = await facilitator.refusalOf(payload, requirements).catch((cause: unknown) => {
    throw new Fault('payment_provider_unavailable', undefined, { cause });
  });
  if (refusal !== null) return { refusal };
  const begun = await beginPayment(shop.deps, sold, {
    rail: 'x402',
    key: facts.key,
    currency: 'usdc',
    fields,
  });
  if ('status' in begun) return begun;
  const outcome = await facilitator.settle(payload, requirements, begun.isFirst);
  return noteOutcome(shop.deps, begun.purchaseId, outcome);
}

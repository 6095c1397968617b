import { encodePaymentResponseHeader } from '@x402/core/http';
import type { Request, Response } from 'express';
import { Receipt } from 'mppx';
import { deriveKey } from '../../shared/activation-codes/keyed-hash.ts';
import type { MachineOrder } from '../../shared/api/machine-payments.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { paymentOf } from '../http/require-payer.ts';
import { BUYERS_KEY_LENGTH } from '../http/route.ts';
import { createFacilitator } from './facilitator.ts';
import { readNetworks } from './networks.ts';
import { findOrder, isNobody, type Wish } from './orders.ts';
import { type Mpp, offerByMpp, payByMpp } from './pay-by-mpp.ts';
import { offerByX402, payByX402, type Shop, type X402 } from './pay-by-x402.ts';

/** What a route takes. */
export type Rails = readonly ('x402' | 'mpp')[];
export type Counter = Shop & { x402: X402 | null; mpp: Mpp | null };

/** What is set up to be paid with. */
export function openCounter(deps: Dependencies): Counter {
  const { config, logger } = deps;
  const { networks, problems } = readNetworks(config);
  for (const problem of problems) logger.warn({ problem }, 'a chain is not sold on');
  const key = config.ACTIVATION_CODE_KEY;
  return {
    deps,
    quoteKey: deriveKey(key, 'quotes'),
    x402: networks.length === 0 ? null : { networks, facilitator: createFacilitator(config) },
    mpp:
      config.MPP_STRIPE_NETWORK === undefined
        ? null
        : {
            secretKey: deriveKey(key, 'challenges'),
            networkId: config.MPP_STRIPE_NETWORK,
            realm: config.PUBLIC_URL === undefined ? 'mindbot' : new URL(config.PUBLIC_URL).host,
          },
  };
}

/** Ours are a little shorter: the attempt and the rail stand before them. */
const KEY_LENGTH = Math.min(200, BUYERS_KEY_LENGTH);

/** @throws Fault `not_signed_in` */
export function refuseNobody(payer: Wish['payer']): void {
  if (!isNobody(payer)) return;
  throw new Fault(
    'not_signed_in',
    'Say in whose name you pay, before you pay: an access token, an API key, or a Claim-Secret header with 32 to 200 random characters of your own. Nothing was taken.',
  );
}

/**
 * What the buyer calls the order. Who has an account names each; a secret is one order of each kind, unless it says more.
 * @throws Fault `idempotency_key_missing`, `not_signed_in`
 */
export function keyOf(request: Request, payer: Wish['payer'], ofSecret: string | null): string {
  refuseNobody(payer);
  const key = request.get('idempotency-key');
  if (key !== undefined && key.length >= 1 && key.length <= KEY_LENGTH) return key;
  if (key === undefined && payer.secretHash !== undefined && ofSecret !== null) return ofSecret;
  throw new Fault(
    'idempotency_key_missing',
    `Send an Idempotency-Key header (1 to ${KEY_LENGTH} characters): a new one for each order, the same one for a retry.`,
  );
}

type Sale = { wish: Wish; rails: Rails; request: Request; response: Response };

/** Says what it costs, in every way that it can be paid. @throws Fault always */
async function ask(
  counter: Counter,
  sale: Omit<Sale, 'wish'>,
  product: Wish['product'],
  error?: string,
): Promise<never> {
  const { rails, request, response } = sale;
  const { x402, mpp, deps } = counter;
  const byX402 = rails.includes('x402') && x402 !== null;
  const challenge = rails.includes('mpp') && mpp !== null ? offerByMpp(counter, mpp, product) : null;
  if (!byX402 && challenge === null) {
    throw rails.includes('mpp') && mpp !== null
      ? new Fault(
          'invalid_request',
          'This costs less than 50 cents, which no card can pay. Ask for more at once.',
        )
      : new Fault('not_found', 'Nothing is sold to programs here.');
  }
  if (byX402) {
    const base = deps.config.PUBLIC_URL ?? `${request.protocol}://${request.get('host')}`;
    const about = { url: new URL(request.originalUrl, base).href, error };
    response.set('PAYMENT-REQUIRED', await offerByX402(counter, x402, product, about));
  }
  if (challenge !== null) response.append('WWW-Authenticate', challenge);
  response.set('cache-control', 'no-store');
  throw new Fault('payment_required', error);
}

/** Of a settled order: what was paid, as each protocol has it. */
function setReceipt(response: Response, order: MachineOrder): void {
  if (order.status !== 'settled') return;
  if (order.rail === 'x402') {
    const settled = { success: true, transaction: order.transaction ?? '', network: order.network as never };
    response.set(
      'PAYMENT-RESPONSE',
      encodePaymentResponseHeader({ ...settled, ...(order.payer !== null && { payer: order.payer }) }),
    );
  } else {
    const receipt = Receipt.from({
      method: 'stripe',
      status: 'success',
      reference: order.order_id,
      timestamp: order.created_at,
    });
    response.set('Payment-Receipt', Receipt.serialize(receipt));
  }
}

const SOON_MS = 100;
const SOON_TIMES = 20;

/** Somebody settles it at this moment: most often that is over before a client has asked again. */
async function waitFor(counter: Counter, { payer, key }: Wish, order: MachineOrder): Promise<MachineOrder> {
  let now = order;
  for (let times = 0; times < SOON_TIMES && now.status === 'settlement_pending'; times++) {
    await new Promise((resolve) => setTimeout(resolve, SOON_MS));
    now = (await findOrder(counter.deps, payer, { key })) ?? now;
  }
  return now;
}

const isOpen = (order: MachineOrder | null): order is MachineOrder =>
  order !== null && order.status !== 'failed';

/** Only looks at what it costs. @throws Fault `payment_required`, `not_found`, `invalid_request` */
export const tellPrice = (
  counter: Counter,
  sale: Omit<Sale, 'wish'>,
  product: Wish['product'],
): Promise<never> => ask(counter, sale, product);

/**
 * Sells one thing: asks for a payment where none came, takes it where one did, and answers the order where it is there
 * already, whatever came with the request. 202 while nobody knows whether it was paid.
 * @throws Fault `payment_required` with the headers that say how, and as `beginPayment`
 */
export async function sell(counter: Counter, sale: Sale): Promise<MachineOrder> {
  const { wish, rails, request, response } = sale;
  const { x402, mpp, deps } = counter;
  const known = await findOrder(deps, wish.payer, { key: wish.key });
  const answer = (order: MachineOrder) => {
    if (order.package_id !== wish.product.packageId || (order.call_id ?? undefined) !== wish.callId) {
      throw new Fault('idempotency_key_reused');
    }
    setReceipt(response, order);
    if (order.status === 'settlement_pending') response.status(202).set('Retry-After', '2');
    return order;
  };
  const signature = request.get('payment-signature');
  const credential = paymentOf(response);
  // A charge that got no answer is asked for again under its own key; on a chain the job finds out.
  const goesOn = known?.rail === 'mpp' && known.status === 'settlement_pending' && credential !== undefined;
  if (isOpen(known) && !goesOn) return answer(known);
  const paid =
    x402 !== null && rails.includes('x402') && signature !== undefined
      ? await payByX402(counter, x402, wish, signature)
      : mpp !== null && rails.includes('mpp') && credential !== undefined
        ? await payByMpp(counter, mpp, wish, credential)
        : { refusal: undefined };
  if (!('refusal' in paid)) {
    if (paid.status === 'failed') return ask(counter, sale, wish.product, paid.failure ?? undefined);
    return answer(await waitFor(counter, wish, paid));
  }
  // The same payment may have settled the order since: then it is no payment any more, and must not be asked for again.
  const since = paid.refusal === undefined ? null : await findOrder(deps, wish.payer, { key: wish.key });
  if (isOpen(since)) return answer(await waitFor(counter, wish, since));
  return ask(counter, sale, wish.product, paid.refusal);
}

import { z } from 'zod';
import {
  chainRefundRequest,
  extendCallRequest,
  machineOrder,
  paidCall,
  paidCallRequest,
} from '../../shared/api/machine-payments.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { route } from '../http/route.ts';
import { noteChainRefund } from './note-chain-refund.ts';
import { findOrder, isNobody } from './orders.ts';
import { beginPaidCall, callIdOf, priceOfCall, readPaidCall } from './paid-calls.ts';
import type { Product } from './quote.ts';
import { keyOf, openCounter, type Rails, refuseNobody, sell, tellPrice } from './sell.ts';

const WHO =
  'Pay in the name of an account (an access token, or an API key with the scope `calls`), or with a `Claim-Secret` of your own: ' +
  '32 to 200 random characters that nobody else knows. A payment over MPP has the Authorization header to itself: who signs in ' +
  'goes into `Payer-Authorization` then. Asked without any, it tells the price.';

const headers = {
  'Idempotency-Key': {
    description:
      'Names the order: new for each, the same for a retry. A Claim-Secret alone names one of each kind.',
    maxLength: 200,
    optional: true,
  },
  'Claim-Secret': { description: 'In place of an account.', maxLength: 200, optional: true },
  'Payer-Authorization': {
    description: 'Who signs in, where Authorization has a payment.',
    maxLength: 8192,
    optional: true,
  },
  'PAYMENT-SIGNATURE': { description: 'A payment of x402, version 2.', maxLength: 16384, optional: true },
};

const selling = {
  tag: 'machine payments',
  access: 'payer',
  scope: 'calls',
  headers,
  pendingWhen: 'The payment is under way and is not asked for again: look at the order later.',
  faults: [
    'payment_required',
    'idempotency_key_missing',
    'idempotency_key_reused',
    'payment_used',
    'unknown_package',
    'role_missing',
    'not_found',
    'payment_provider_unavailable',
  ],
} as const;

async function productOf(deps: Dependencies, packageId: string): Promise<Product> {
  const tiers = deps.database
    .from('pricing_tiers')
    .select('price_cents, currency, total_minutes, bonus_minutes');
  const { data, error } = await tiers.eq('id', packageId).eq('active', true).maybeSingle();
  if (error) throw databaseFault('pricing_tiers', error);
  // What is priced in another currency has no price here: nothing is converted.
  if (data === null || data.currency !== 'usd') throw new Fault('unknown_package');
  const bonusSeconds = data.bonus_minutes * 60;
  return {
    of: `card:${packageId}`,
    packageId,
    cents: data.price_cents,
    paidSeconds: (data.total_minutes ?? 0) * 60 - bonusSeconds,
    bonusSeconds,
  };
}

const cardRoute = <const Path extends string>(
  path: Path,
  operationId: string,
  { rails, summary }: { rails: Rails; summary: string },
) =>
  route({
    ...selling,
    operationId,
    method: 'post',
    path,
    summary,
    description: `Answers 402 with the price; the same request with the payment buys. 202 while the payment is under way. ${WHO}`,
    params: z.object({ package_id: z.string().min(1).max(64) }),
    answer: machineOrder,
    prepare(deps) {
      const counter = openCounter(deps);
      return async ({ payer, params, request, response }) => {
        const product = await productOf(deps, params.package_id);
        const sale = { rails, request, response };
        const isLooking = isNobody(payer) && request.get('payment-signature') === undefined;
        if (isLooking) return tellPrice(counter, sale, product);
        const key = keyOf(request, payer, product.of);
        return sell(counter, { ...sale, wish: { payer, key, product } });
      };
    },
  });

const callId = z.object({ call_id: z.uuid() });

/** What programs buy by HTTP 402. */
export const machinePaymentRoutes = [
  cardRoute('/x402/time-cards/:package_id', 'buyTimeCardOnChain', {
    rails: ['x402'],
    summary: 'Buy a time card with USDC, over x402',
  }),
  cardRoute('/mpp/time-cards/:package_id', 'buyTimeCardByCard', {
    rails: ['mpp'],
    summary: 'Buy a time card by card, over MPP',
  }),
  route({
    operationId: 'readMachineOrder',
    tag: 'machine payments',
    access: 'payer',
    scope: 'calls',
    headers: { 'Claim-Secret': headers['Claim-Secret'] },
    method: 'get',
    path: '/v1/orders/:order_id',
    summary: 'An order of yours, as it stands',
    params: z.object({ order_id: z.uuid() }),
    answer: machineOrder,
    faults: ['not_found'],
    async handle({ deps, payer, params }) {
      refuseNobody(payer);
      const order = await findOrder(deps, payer, { orderId: params.order_id });
      if (order === null) throw new Fault('not_found', 'You have no order with this id.');
      return order;
    },
  }),
  route({
    ...selling,
    operationId: 'beginPaidCall',
    method: 'post',
    path: '/v1/calls',
    summary: 'Begin a call that is paid for as it goes',
    description: `Answers 402 with the price of the minutes; the same request with the payment answers a room to enter. ${WHO}`,
    body: paidCallRequest,
    answer: paidCall,
    faults: [...selling.faults, 'spend_cap_reached', 'call_settled'],
    prepare(deps) {
      const counter = openCounter(deps);
      return async ({ payer, body, request, response }) => {
        const product = await priceOfCall(deps, body.minutes, 'call');
        const sale = { rails: ['x402', 'mpp'] as const, request, response };
        if (body.max_cents !== undefined && product.cents > body.max_cents)
          throw new Fault('spend_cap_reached');
        if (isNobody(payer) && request.get('payment-signature') === undefined) {
          return tellPrice(counter, sale, product);
        }
        const key = keyOf(request, payer, 'call');
        const id = callIdOf(payer, key);
        const begun = await beginPaidCall(deps, payer, { callId: id, maxCents: body.max_cents });
        const hasEnough = begun.account_seconds >= body.minutes * 60;
        if (body.use_left && begun.orders.length === 0 && hasEnough) return begun;
        await sell(counter, {
          ...sale,
          wish: { payer, key: `call:${key}`.slice(0, 200), product, callId: id },
        });
        return readPaidCall(deps, payer, id);
      };
    },
  }),
  route({
    operationId: 'readPaidCall',
    tag: 'machine payments',
    access: 'payer',
    scope: 'calls',
    headers: { 'Claim-Secret': headers['Claim-Secret'] },
    method: 'get',
    path: '/v1/calls/:call_id',
    summary: 'A call that you paid for: paid, used and left, and its receipt once it is over',
    params: callId,
    answer: paidCall,
    faults: ['not_found'],
    handle({ deps, payer, params }) {
      refuseNobody(payer);
      return readPaidCall(deps, payer, params.call_id);
    },
  }),
  route({
    ...selling,
    operationId: 'extendPaidCall',
    method: 'post',
    path: '/v1/calls/:call_id/extend',
    summary: 'Pay for more minutes of a running call',
    description: `As to begin one, and each with an Idempotency-Key of its own. ${WHO}`,
    params: callId,
    body: extendCallRequest,
    answer: paidCall,
    faults: [...selling.faults, 'spend_cap_reached', 'call_settled'],
    prepare(deps) {
      const counter = openCounter(deps);
      return async ({ payer, body, params, request, response }) => {
        const id = params.call_id;
        const product = await priceOfCall(deps, body.minutes, `extend:${id}`);
        const name = keyOf(request, payer, null);
        const key = `extend:${id}:${name}`.slice(0, 200);
        const call = await readPaidCall(deps, payer, id);
        await refuseEarly(call, { product, isKnown: (await findOrder(deps, payer, { key })) !== null });
        const sale = { rails: ['x402', 'mpp'] as const, request, response };
        await sell(counter, { ...sale, wish: { payer, key, product, callId: id } });
        return readPaidCall(deps, payer, id);
      };
    },
  }),
  route({
    operationId: 'noteChainRefund',
    tag: 'operators',
    access: 'operator',
    method: 'post',
    path: '/operator/chain-refunds',
    summary: 'Note that money of a payment on a chain was sent back',
    description:
      'We hold no key of a wallet: whoever does sends it back, and this takes its share of the time. Keyed by the transaction.',
    body: chainRefundRequest,
    answer: machineOrder,
    faults: ['not_refundable', 'forbidden'],
    handle: ({ deps, userId, body }) => noteChainRefund(deps, userId, body),
  }),
];

/** What is asked for in vain is told before anybody pays; the database asks again when they do. */
async function refuseEarly(
  call: Awaited<ReturnType<typeof readPaidCall>>,
  { product, isKnown }: { product: Product; isKnown: boolean },
): Promise<void> {
  if (isKnown) return;
  if (call.status === 'settled') throw new Fault('call_settled');
  const paid = call.orders.filter(({ status }) => status !== 'failed');
  const cents = paid.reduce((sum, order) => sum + order.amount_cents, 0);
  if (call.max_cents !== null && cents + product.cents > call.max_cents) throw new Fault('spend_cap_reached');
}

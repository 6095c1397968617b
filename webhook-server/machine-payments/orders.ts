import { z } from 'zod';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { type MachineOrder, machineOrder } from '../../shared/api/machine-payments.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import type { Payer } from '../http/require-payer.ts';
import type { Outcome } from './facilitator.ts';
import type { Product } from './quote.ts';

export const storedOrder = machineOrder
  .omit({ activation_code: true })
  .extend({ has_code: z.boolean().nullable(), payment_intent_id: z.string().nullable() });

/** As the buyer sees it, with the code of a card that nobody has activated. */
export function orderOf({ config }: Dependencies, order: z.infer<typeof storedOrder>): MachineOrder {
  const { has_code: hasCode, payment_intent_id: _intent, ...shown } = order;
  const code = hasCode ? deriveActivationCode(config.ACTIVATION_CODE_KEY, order.order_id) : null;
  return { ...shown, activation_code: code };
}

export const payerArguments = ({ userId, tenantId, secretHash }: Payer) => ({
  p_user_id: userId ?? null,
  p_tenant_id: tenantId ?? null,
  p_secret_hash: secretHash ?? null,
});

export const isNobody = ({ userId, tenantId, secretHash }: Payer): boolean =>
  userId === undefined && tenantId === undefined && secretHash === undefined;

/**
 * An order of theirs, by its id or by what they call it.
 * @returns null where they have none like this
 * @throws Fault `database_unavailable`
 */
export async function findOrder(
  deps: Dependencies,
  payer: Payer,
  by: { key: string } | { orderId: string },
): Promise<MachineOrder | null> {
  const args = {
    ...payerArguments(payer),
    ...('key' in by ? { p_key: by.key } : { p_order_id: by.orderId }),
  };
  const found = await callFunction(
    deps.database,
    'find_machine_order',
    args as never,
    storedOrder.nullable(),
  );
  return found === null ? null : orderOf(deps, found);
}

const begun = z.discriminatedUnion('status', [
  z.object({ status: z.literal('settle'), purchase_id: z.uuid(), is_first: z.boolean() }),
  z.object({ status: z.literal('known'), order: storedOrder }),
  z.object({
    status: z.enum([
      'payment_used',
      'key_reused',
      'unknown_package',
      'unknown_buyer',
      'invalid_payment',
      'call_settled',
      'unknown_call',
      'spend_cap_reached',
    ]),
  }),
]);

const REFUSALS = {
  payment_used: 'payment_used',
  key_reused: 'idempotency_key_reused',
  unknown_package: 'unknown_package',
  unknown_buyer: 'role_missing',
  invalid_payment: 'invalid_request',
  call_settled: 'call_settled',
  unknown_call: 'not_found',
  spend_cap_reached: 'spend_cap_reached',
} as const;

export type Wish = { payer: Payer; key: string; product: Product; callId?: string | undefined };

export type PaymentFields = {
  rail: 'x402' | 'mpp';
  key: string;
  currency: 'usd' | 'usdc';
  fields?: object;
};

/**
 * Binds a payment to the order, before anything is taken.
 * @returns the id of the purchase, where it is now ours to settle; else the order as it stands
 * @throws Fault `payment_used`, `idempotency_key_reused`, `unknown_package`, `role_missing`, `call_settled`, `not_found`,
 *   `spend_cap_reached`, `database_unavailable`
 */
export async function beginPayment(
  deps: Dependencies,
  { payer, key, product, callId }: Wish,
  { rail, key: paymentKey, currency, fields }: PaymentFields,
): Promise<{ purchaseId: string; isFirst: boolean } | MachineOrder> {
  const args = {
    ...payerArguments(payer),
    p_key: key,
    p_package_id: product.packageId,
    p_price: {
      cents: product.cents,
      currency,
      paid_seconds: product.paidSeconds,
      bonus_seconds: product.bonusSeconds,
    },
    p_payment: { rail, key: paymentKey, ...fields },
    ...(callId !== undefined && { p_call_id: callId }),
  };
  const answer = await callFunction(deps.database, 'begin_machine_payment', args as never, begun);
  if (answer.status === 'settle') return { purchaseId: answer.purchase_id, isFirst: answer.is_first };
  if (answer.status === 'known') return orderOf(deps, answer.order);
  throw new Fault(REFUSALS[answer.status]);
}

const noted = z.object({ status: z.literal('noted'), order: storedOrder });

/** Later each time, so that a chain that is away is not asked without end. */
const againSeconds = (asked: number) => Math.min(10 * 2 ** Math.min(asked, 6), 600);

/**
 * Notes what became of a payment on a chain; a card for what was settled, in the same transaction.
 * @throws Fault `database_unavailable`: the order waits, and is taken up again
 */
export async function noteOutcome(
  deps: Dependencies,
  purchaseId: string,
  outcome: Outcome,
  asked = 0,
): Promise<MachineOrder> {
  const key = deps.config.ACTIVATION_CODE_KEY;
  const args = {
    p_purchase_id: purchaseId,
    p_outcome: outcome.outcome,
    p_transaction: outcome.outcome === 'failed' ? null : outcome.transaction,
    p_failure: outcome.outcome === 'failed' ? outcome.failure : null,
    p_code_hash: hashActivationCode(key, deriveActivationCode(key, purchaseId)),
    p_again_seconds: againSeconds(asked),
  };
  const { order } = await callFunction(deps.database, 'settle_machine_payment', args as never, noted);
  return orderOf(deps, order);
}

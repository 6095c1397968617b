import { z } from 'zod';
import type { MachineOrder } from '../../shared/api/machine-payments.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { orderOf, storedOrder } from './orders.ts';

const answerSchema = z.object({
  status: z.enum(['noted', 'not_operator', 'own_purchase', 'not_refundable', 'transaction_used']),
  order: storedOrder.nullish(),
});

/**
 * Takes the time for money that an operator sent back on its chain.
 * @throws Fault `not_refundable`, `forbidden`, `database_unavailable`
 */
export async function noteChainRefund(
  deps: Dependencies,
  operatorId: string,
  wish: { order_id: string; amount_cents: number; transaction: string; reason: string },
): Promise<MachineOrder> {
  const args = {
    p_operator_id: operatorId,
    p_purchase_id: wish.order_id,
    p_amount_cents: wish.amount_cents,
    p_transaction: wish.transaction,
    p_reason: wish.reason,
  };
  const { status, order } = await callFunction(deps.database, 'note_chain_refund', args, answerSchema);
  if (status === 'noted' && order) return orderOf(deps, order);
  if (status === 'own_purchase' || status === 'not_operator') throw new Fault('forbidden');
  throw new Fault(
    'not_refundable',
    status === 'transaction_used'
      ? 'This transaction gave back another payment, or another amount.'
      : undefined,
  );
}

import type { PaymentPayload, PaymentRequirements } from '@x402/core/types';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';
import { createFacilitator, type Facilitator, type Outcome } from './facilitator.ts';
import { findOnChain } from './find-on-chain.ts';
import { noteOutcome } from './orders.ts';

const AT_ONCE = 20;

const dueSchema = z.array(
  z.object({
    purchase_id: z.uuid(),
    payload: z.custom<PaymentPayload>((value) => typeof value === 'object' && value !== null),
    requirements: z.custom<PaymentRequirements>((value) => typeof value === 'object' && value !== null),
    network: z.string(),
    asked: z.int(),
  }),
);
type Due = z.infer<typeof dueSchema>[number];

/**
 * What became of one. The chain is asked first: it knows. Where the payment can still be taken it is settled again, which
 * takes nothing twice, as the chain takes a payment once.
 */
async function findOut(deps: Dependencies, facilitator: Facilitator, due: Due): Promise<Outcome> {
  const rpcUrl = deps.config.X402_RPC_URLS.get(due.network);
  if (rpcUrl === undefined) return { outcome: 'pending', transaction: null };
  const found = await findOnChain(rpcUrl, due.payload, due.requirements);
  return found ?? facilitator.settle(due.payload, due.requirements, false);
}

/**
 * Finds out about payments of which nobody knows what became of them: whoever began is gone, or got no answer.
 * @returns how many are known now
 * @throws Fault `database_unavailable`
 */
export async function recoverPayments(deps: Dependencies): Promise<number> {
  const due = await callFunction(deps.database, 'due_machine_payments', { p_limit: AT_ONCE }, dueSchema);
  const facilitator = createFacilitator(deps.config);
  let known = 0;
  for (const one of due) {
    let outcome: Outcome = { outcome: 'pending', transaction: null };
    try {
      outcome = await findOut(deps, facilitator, one);
    } catch (error) {
      const cause = describeCause(error);
      deps.logger.warn(
        { purchase_id: one.purchase_id, network: one.network, cause },
        'a chain gives no answer',
      );
    }
    await noteOutcome(deps, one.purchase_id, outcome, one.asked);
    if (outcome.outcome !== 'pending') known++;
    // Long after any authorization is over: only a person can tell now.
    else if (one.asked > 12)
      deps.logger.error({ purchase_id: one.purchase_id }, 'nobody can tell whether a payment was taken');
  }
  return known;
}

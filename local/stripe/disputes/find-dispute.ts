import type Stripe from 'stripe';
import { fieldIs } from '../api/list-objects.ts';
import type { Call } from '../api/route.ts';

/** Whether the bank has taken the money of a charge back: an inquiry has not, and a dispute won is over. */
export function isChargedBack(call: Call, chargeId: string): boolean {
  const disputes = call.store.page('dispute', fieldIs('charge', chargeId), { limit: 100 }).data;
  return disputes.some(({ is_charge_refundable: refundable }) => !refundable);
}

export function isInquiry({ status }: Stripe.Dispute): boolean {
  return status.startsWith('warning_');
}

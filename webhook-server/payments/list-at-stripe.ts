import type Stripe from 'stripe';
import type { Dependencies } from '../base/dependencies.ts';
import { eachOf } from './each-of.ts';
import { type DisputeFact, disputeStatus, type RefundFact, refundFact } from './money-back.ts';

const PAGE_SIZE = 100;

/** What Stripe made since a moment, as far as it can be ours. Ids of intents where nothing else is said. */
export type StripeList = {
  intents: Map<string, Stripe.PaymentIntent>;
  /** Charges that took money, by intent, with what was refunded of them. */
  charged: Map<string, { refundedCents: number }>;
  refunds: { intentId: string; fact: RefundFact }[];
  disputes: { intentId: string; fact: Pick<DisputeFact, 'id' | 'status'> }[];
};

type Linked = { payment_intent?: string | { id: string } | null };

const intentOf = ({ payment_intent: intent }: Linked): string | null =>
  typeof intent === 'string' ? intent : (intent?.id ?? null);

async function all<Item extends { id: string }>(
  list: (params: Stripe.PaginationParams) => Promise<{ data: Item[]; has_more: boolean }>,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of eachOf((after) => list({ ...after, limit: PAGE_SIZE }))) items.push(...page);
  return items;
}

/**
 * Lists intents, charges, refunds and disputes made since a moment.
 * @throws Fault `payment_provider_unavailable`
 */
export async function listAtStripe({ stripe }: Dependencies, since: Date): Promise<StripeList> {
  const created = { gte: Math.floor(since.getTime() / 1000) };
  const intents = await all((page) => stripe.paymentIntents.list({ ...page, created }));
  const charges = await all((page) => stripe.charges.list({ ...page, created }));
  const refunds = await all((page) => stripe.refunds.list({ ...page, created }));
  const disputes = await all((page) => stripe.disputes.list({ ...page, created }));
  const charged: StripeList['charged'] = new Map();
  for (const charge of charges) {
    const intentId = intentOf(charge);
    if (intentId === null || charge.status !== 'succeeded') continue;
    charged.set(intentId, { refundedCents: charge.amount_refunded });
  }
  return {
    intents: new Map(intents.map((intent) => [intent.id, intent])),
    charged,
    refunds: refunds.flatMap((refund) => {
      const intentId = intentOf(refund);
      return intentId === null ? [] : [{ intentId, fact: refundFact(refund) }];
    }),
    disputes: disputes.flatMap((dispute) => {
      const intentId = intentOf(dispute);
      return intentId === null
        ? []
        : [{ intentId, fact: { id: dispute.id, status: disputeStatus(dispute) } }];
    }),
  };
}

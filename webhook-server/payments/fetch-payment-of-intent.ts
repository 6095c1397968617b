import type Stripe from 'stripe';
import { z } from 'zod';
import { type DisputeFact, disputeFact, type RefundFact, refundFact } from './money-back.ts';
import { askStripe } from './stripe-client.ts';

const PAGE_SIZE = 100;

/** What Stripe says now about the payment of one purchase. Amounts in the smallest unit of the currency. */
type Payment = {
  intentId: string | null;
  status: 'succeeded' | 'processing' | 'failed' | 'canceled' | 'under_way';
  receivedCents: number;
  /** Part of what was received; it buys no time. */
  taxCents: number;
  currency: string;
  failureCode: string | null;
  /** What Stripe keeps; null as long as that is not known, which it may be later than the payment. */
  fee: { cents: number; currency: string } | null;
  refunds: RefundFact[];
  disputes: DisputeFact[];
};

export type FetchedPayment = {
  purchaseId: string;
  /** Whether only we can have made it. Another product may call something of its own a purchase, too. */
  isOurs: boolean;
  payment: Payment;
};

const isObject = <T extends object>(value: T | string | null | undefined): value is T =>
  typeof value === 'object' && value !== null;

/** https://docs.stripe.com/payments/paymentintents/lifecycle */
function statusOf(intent: Stripe.PaymentIntent): Payment['status'] {
  switch (intent.status) {
    case 'succeeded':
      return 'succeeded';
    case 'processing':
      return 'processing';
    case 'canceled':
      return 'canceled';
    case 'requires_payment_method':
      return intent.last_payment_error === null ? 'under_way' : 'failed';
    default:
      return 'under_way';
  }
}

/**
 * Tax that Stripe's own page added to a price. An intent made for a frozen price says so, and needs no look.
 * @see https://docs.stripe.com/tax/checkout
 */
async function fetchTax(stripe: Stripe, intent: Stripe.PaymentIntent): Promise<number> {
  const isPlain = intent.metadata.price_cents === String(intent.amount_received);
  if (intent.status !== 'succeeded' || isPlain) return 0;
  const sessions = await askStripe(() =>
    stripe.checkout.sessions.list({ payment_intent: intent.id, limit: 1 }),
  );
  return sessions?.data[0]?.total_details?.amount_tax ?? 0;
}

/** @see https://docs.stripe.com/api/balance_transactions/object#balance_transaction_object-fee */
function feeOf({ status, latest_charge: charge }: Stripe.PaymentIntent): Payment['fee'] {
  const settled = isObject(charge) ? charge.balance_transaction : null;
  if (status !== 'succeeded' || !isObject(settled)) return null;
  return { cents: settled.fee, currency: settled.currency };
}

async function fetchMoneyBack(
  stripe: Stripe,
  intent: Stripe.PaymentIntent,
  all: boolean,
): Promise<Pick<Payment, 'refunds' | 'disputes'>> {
  const charge = isObject(intent.latest_charge) ? intent.latest_charge : null;
  const ofIntent = { payment_intent: intent.id, limit: PAGE_SIZE };
  const [refunds, disputes] = await Promise.all([
    charge !== null && (all || charge.amount_refunded > 0)
      ? askStripe(() => stripe.refunds.list(ofIntent))
      : null,
    charge?.disputed === true ? askStripe(() => stripe.disputes.list(ofIntent)) : null,
  ]);
  return {
    refunds: refunds?.data.map(refundFact) ?? [],
    disputes: charge === null ? [] : disputeFacts(charge, disputes?.data ?? []),
  };
}

/** What came of a charge on our own balance matters where a bank disputes in another currency. */
function disputeFacts(
  { amount, currency, balance_transaction }: Stripe.Charge,
  disputes: Stripe.Dispute[],
): DisputeFact[] {
  const settled = isObject(balance_transaction) ? balance_transaction : null;
  return disputes.map((dispute) => disputeFact(dispute, { amount, currency, settled }));
}

/** Whether these are names that we give (`create-payment-intent.ts`, `create-checkout-session.ts`). */
export function isNamedByUs(metadata: Stripe.Metadata | null | undefined): boolean {
  return ['purchase_id', 'user_id', 'package_id', 'price_cents'].every(
    (name) => metadata?.[name] !== undefined,
  );
}

/** Which purchase an object at Stripe names, if it names one. */
export function purchaseIdOf(...named: (Stripe.Metadata | null | undefined)[]): string | null {
  for (const metadata of named) {
    const id = z.uuid().safeParse(metadata?.purchase_id);
    if (id.success) return id.data;
  }
  return null;
}

/**
 * What Stripe says now about an intent, its refunds and its disputes.
 * @param all asks for refunds also where the charge knows of none, because a refund that failed is such a one
 * @returns null for what was not begun by us: another product may share the Stripe account
 * @throws Fault `payment_provider_unavailable`
 */
export async function fetchPaymentOfIntent(
  stripe: Stripe,
  intentId: string,
  all: boolean,
): Promise<FetchedPayment | null> {
  const intent = await askStripe(() =>
    stripe.paymentIntents.retrieve(intentId, { expand: ['latest_charge.balance_transaction'] }),
  );
  const purchaseId = purchaseIdOf(intent?.metadata);
  if (intent === null || purchaseId === null) return null;
  const [taxCents, moneyBack] = await Promise.all([
    fetchTax(stripe, intent),
    fetchMoneyBack(stripe, intent, all),
  ]);
  return {
    purchaseId,
    isOurs: isNamedByUs(intent.metadata),
    payment: {
      intentId: intent.id,
      status: statusOf(intent),
      receivedCents: intent.amount_received,
      taxCents,
      currency: intent.currency,
      fee: feeOf(intent),
      failureCode: intent.last_payment_error?.code ?? intent.last_payment_error?.type ?? null,
      ...moneyBack,
    },
  };
}

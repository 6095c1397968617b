import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { plainNote } from '../../shared/plain-note.ts';
import { PermanentError } from '../base/failures.ts';

/** What a notice can say of a purchase, and to whom. */
export type PurchaseFacts = {
  id: string;
  /** The buyer's. */
  userId: string;
  purpose: string;
  packageName: string;
  /** The price, without tax. */
  amountCents: number;
  /** What was paid, tax included. */
  receivedCents: number;
  refundedCents: number;
  currency: string;
  /** Of what was paid and went back: that of the price, but where a person released money that did not fit. */
  receivedCurrency: string;
  paidSeconds: number;
  bonusSeconds: number;
  clawedBackSeconds: number;
  giftRecipient: string | null;
  giftMessage: string | null;
  /** Who gets the code of a gift; null: the buyer does. */
  giftEmail: string | null;
  /** When its code is sent; null: at once. */
  deliverAt: string | null;
  boughtAt: string;
  /** Of the card that it became; null before there is one. */
  cardStatus: string | null;
  /** What of that card paid time that was owed. */
  paidDebtSeconds: number;
  /** The buyer's address, where they have one, and their name, which may be empty. */
  email: string | null;
  buyerName: string;
};

const COLUMNS =
  'user_id, package_id, purpose, amount_cents, received_cents, refunded_cents, currency, received_currency, paid_seconds, bonus_seconds, clawed_back_seconds, gift_recipient, gift_message, gift_email, deliver_at, created_at';

/**
 * @returns null where there is no such purchase
 * @throws Fault `database_unavailable`
 */
export async function readPurchaseFacts(database: DatabaseClient, id: string): Promise<PurchaseFacts | null> {
  const purchases = database.from('purchases').select(COLUMNS).eq('id', id);
  const { data: purchase, error } = await purchases.maybeSingle();
  if (error) throw databaseFault('purchases', error);
  if (purchase === null) return null;
  const [tier, buyer, card] = await Promise.all([
    database.from('pricing_tiers').select('name').eq('id', purchase.package_id).maybeSingle(),
    database.from('users').select('email, display_name').eq('id', purchase.user_id).maybeSingle(),
    database.from('time_cards').select('status, paid_debt_seconds').eq('id', id).maybeSingle(),
  ]);
  const cause = tier.error ?? buyer.error ?? card.error;
  if (cause) throw databaseFault('a purchase', cause);
  return {
    id,
    userId: purchase.user_id,
    purpose: purchase.purpose,
    packageName: tier.data?.name ?? purchase.package_id,
    amountCents: purchase.amount_cents,
    receivedCents: purchase.received_cents ?? purchase.amount_cents,
    refundedCents: purchase.refunded_cents,
    currency: purchase.currency,
    receivedCurrency: purchase.received_currency ?? purchase.currency,
    paidSeconds: purchase.paid_seconds,
    bonusSeconds: purchase.bonus_seconds,
    clawedBackSeconds: purchase.clawed_back_seconds,
    // Also what was written before notes were read like this.
    giftRecipient: purchase.gift_recipient === null ? null : plainNote(purchase.gift_recipient),
    giftMessage: purchase.gift_message === null ? null : plainNote(purchase.gift_message),
    giftEmail: purchase.gift_email,
    deliverAt: purchase.deliver_at,
    boughtAt: purchase.created_at,
    cardStatus: card.data?.status ?? null,
    paidDebtSeconds: card.data?.paid_debt_seconds ?? 0,
    email: buyer.data?.email ?? null,
    buyerName: plainNote(buyer.data?.display_name ?? ''),
  };
}

type MoneyBack = { amountCents: number; status: string };

/**
 * A refund or a dispute as it is now.
 * @throws PermanentError where there is none, Fault `database_unavailable`
 */
export async function readMoneyBack(
  database: DatabaseClient,
  table: 'payment_refunds' | 'payment_disputes',
  id: string,
): Promise<MoneyBack> {
  const rows = database.from(table).select('amount_cents, status').eq('id', id);
  const { data, error } = await rows.maybeSingle();
  if (error) throw databaseFault(table, error);
  if (data === null) throw new PermanentError('there is no such refund or dispute');
  return { amountCents: data.amount_cents, status: data.status };
}

/**
 * Money that was paid for a purchase beside the payment that counts.
 * @throws PermanentError where there is none, Fault `database_unavailable`
 */
export async function readSecondPayment(
  database: DatabaseClient,
  intentId: string,
): Promise<{ receivedCents: number; currency: string }> {
  const rows = database
    .from('second_payments')
    .select('received_cents, currency')
    .eq('payment_intent_id', intentId);
  const { data, error } = await rows.maybeSingle();
  if (error) throw databaseFault('second_payments', error);
  if (data === null) throw new PermanentError('there is no such payment');
  return { receivedCents: data.received_cents, currency: data.currency };
}

const topUpSchema = z.object({ package_id: z.string() });

/**
 * Whose automatic top-up it is, and of what.
 * @throws PermanentError where there is none, Fault `database_unavailable`
 */
export async function readTopUpFacts(
  database: DatabaseClient,
  userId: string,
): Promise<{ email: string | null; packageName: string }> {
  const setting = await callFunction(database, 'read_auto_top_up', { p_user_id: userId }, z.unknown());
  const parsed = topUpSchema.safeParse(setting);
  if (!parsed.success) throw new PermanentError('there is no such automatic top-up');
  const packageId = parsed.data.package_id;
  const [tier, person] = await Promise.all([
    database.from('pricing_tiers').select('name').eq('id', packageId).maybeSingle(),
    database.from('users').select('email').eq('id', userId).maybeSingle(),
  ]);
  const cause = tier.error ?? person.error;
  if (cause) throw databaseFault('a top-up', cause);
  return { email: person.data?.email ?? null, packageName: tier.data?.name ?? packageId };
}

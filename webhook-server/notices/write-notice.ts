import { z } from 'zod';
import { formatActivationCode } from '../../shared/activation-codes/code.ts';
import { deriveActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Letter } from './letter.ts';
import { disputeClosedLetter } from './letters/dispute-closed.ts';
import { disputeOpenedLetter } from './letters/dispute-opened.ts';
import { giftLetter } from './letters/gift.ts';
import { receiptLetter } from './letters/receipt.ts';
import { refundLetter } from './letters/refund.ts';
import { refundFailedLetter } from './letters/refund-failed.ts';
import { topUpStoppedLetter } from './letters/top-up-stopped.ts';
import { readMoneyBack } from './money-back.ts';
import type { PurchaseFacts } from './purchase-facts.ts';

/** What the database owes as a notice: ids only (supabase/migrations, `private.owe_notice`). */
export const noticeSchema = z.object({
  notice: z.enum([
    'receipt',
    'gift',
    'refund',
    'refund_failed',
    'dispute_open',
    'dispute_won',
    'dispute_lost',
    'top_up_stopped',
  ]),
  purchase_id: z.uuid(),
  /** Of the purchase, the refund or the dispute that it is about. */
  subject_id: z.string(),
});

type Notice = z.infer<typeof noticeSchema>;

async function writeLetter(
  { database, config }: Dependencies,
  { notice, subject_id: subjectId }: Notice,
  purchase: PurchaseFacts,
): Promise<Letter | null> {
  switch (notice) {
    case 'receipt':
      return receiptLetter(purchase);
    case 'gift': {
      // Refunded or used by now: a code that opens nothing would only puzzle.
      if (purchase.cardStatus !== 'unactivated') return null;
      const code = formatActivationCode(deriveActivationCode(config.ACTIVATION_CODE_KEY, purchase.id));
      return giftLetter(purchase, code, config.PUBLIC_URL);
    }
    case 'refund':
    case 'refund_failed': {
      const refund = await readMoneyBack(database, 'payment_refunds', subjectId);
      if (notice === 'refund_failed') return refundFailedLetter(purchase, refund.amountCents);
      return refund.status === 'failed' ? null : refundLetter(purchase, refund.amountCents);
    }
    case 'top_up_stopped':
      return topUpStoppedLetter(purchase);
    default: {
      const { amountCents, status } = await readMoneyBack(database, 'payment_disputes', subjectId);
      if (notice === 'dispute_won') return disputeClosedLetter(purchase, amountCents, 'won');
      if (notice === 'dispute_lost') return disputeClosedLetter(purchase, amountCents, 'lost');
      return status === 'open' ? disputeOpenedLetter(purchase, amountCents) : null;
    }
  }
}

/**
 * The letter of a notice, with a link to the page where its address is known.
 * @returns null where there is nothing to say any more
 * @throws HopelessError, Fault `database_unavailable`
 */
export async function writeNotice(
  deps: Dependencies,
  notice: Notice,
  purchase: PurchaseFacts,
): Promise<Letter | null> {
  const letter = await writeLetter(deps, notice, purchase);
  const url = deps.config.PUBLIC_URL;
  if (letter === null || letter.link !== undefined || url === undefined) return letter;
  return { ...letter, link: { words: 'Open MindBot', url } };
}

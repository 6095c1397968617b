import { createHash } from 'node:crypto';
import { z } from 'zod';
import { formatActivationCode } from '../../shared/activation-codes/code.ts';
import { deriveActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { PermanentError } from '../base/failures.ts';
import type { JobHandler } from '../base/job.ts';
import { type Addressed, wordsFor } from './addressed.ts';
import {
  disputeClosedEmail,
  disputeOpenedEmail,
  giftEmail,
  receiptEmail,
  refundEmail,
  refundFailedEmail,
  secondPaymentEmail,
  topUpStoppedEmail,
} from './emails.ts';
import { invoiceNoticeSchema, writeInvoiceEmail } from './invoice-emails.ts';
import {
  type PurchaseFacts,
  readMoneyBack,
  readPurchaseFacts,
  readSecondPayment,
  readTopUpFacts,
} from './purchase-facts.ts';
import { type Email, emailHtml, emailText } from './render-email.ts';
import { supportNoticeSchema, writeSupportEmail } from './support-emails.ts';
import { tenantNoticeSchema, writeTenantEmail } from './tenant-emails.ts';
import type { MailWords } from './words/en.ts';

/** What the database owes as a notice: ids only (supabase/migrations, `private.owe_notice`). */
const noticeSchema = z.object({
  notice: z.enum([
    'receipt',
    'gift',
    'refund',
    'refund_failed',
    'dispute_open',
    'dispute_won',
    'dispute_lost',
    'second_payment',
  ]),
  purchase_id: z.uuid(),
  /** Of the purchase, the refund, the dispute or the payment that it is about. */
  subject_id: z.string(),
  /** Of what is sent on a day of its own. */
  due_at: z.string().optional(),
});
/** About no purchase, but a person's automatic top-up. */
const topUpNoticeSchema = z.object({
  notice: z.literal('top_up_stopped'),
  user_id: z.uuid(),
  reason: z.enum(['declined', 'review', 'terms_changed', 'money_back']),
});
const anyNoticeSchema = z.union([
  noticeSchema,
  topUpNoticeSchema,
  supportNoticeSchema,
  tenantNoticeSchema,
  invoiceNoticeSchema,
]);

type Notice = z.infer<typeof noticeSchema>;

async function writeEmail(
  { database, config }: Dependencies,
  words: MailWords,
  { notice, subject_id: subjectId }: Notice,
  purchase: PurchaseFacts,
): Promise<Email | null> {
  switch (notice) {
    case 'receipt':
      return receiptEmail(words, purchase);
    case 'gift': {
      // Refunded or used by now: a code that opens nothing would only puzzle.
      if (purchase.cardStatus !== 'unactivated') return null;
      const code = formatActivationCode(deriveActivationCode(config.ACTIVATION_CODE_KEY, purchase.id));
      return giftEmail(words, purchase, code, config.PUBLIC_URL);
    }
    case 'refund':
    case 'refund_failed': {
      const refund = await readMoneyBack(database, 'payment_refunds', subjectId);
      if (notice === 'refund_failed') return refundFailedEmail(words, purchase, refund.amountCents);
      return refund.status === 'failed' ? null : refundEmail(words, purchase, refund.amountCents);
    }
    case 'second_payment': {
      const { receivedCents, currency } = await readSecondPayment(database, subjectId);
      return secondPaymentEmail(words, purchase, receivedCents, currency);
    }
    default: {
      const { amountCents, status } = await readMoneyBack(database, 'payment_disputes', subjectId);
      if (notice === 'dispute_won') return disputeClosedEmail(words, purchase, amountCents, 'won');
      if (notice === 'dispute_lost') return disputeClosedEmail(words, purchase, amountCents, 'lost');
      return status === 'open' ? disputeOpenedEmail(words, purchase, amountCents) : null;
    }
  }
}

/**
 * The email of a notice, and to whom it goes: in the buyer's language, also to whom a gift is for, of whom nothing else
 * is known.
 * @returns in a word, why none is sent
 * @throws PermanentError, Fault `database_unavailable`
 */
async function writeNotice(
  deps: Dependencies,
  notice: z.infer<typeof anyNoticeSchema>,
): Promise<Addressed | 'no_address' | 'not_needed' | 'switched_off'> {
  if ('request_id' in notice) return writeSupportEmail(deps, notice);
  if (notice.notice === 'tenant_invitation' || notice.notice === 'spend_threshold')
    return writeTenantEmail(deps, notice);
  if ('invoice_id' in notice) return writeInvoiceEmail(deps, notice);
  if (notice.notice === 'top_up_stopped') {
    const { email: to, packageName } = await readTopUpFacts(deps.database, notice.user_id);
    const { words, mailsOff } = await wordsFor(deps.database, notice.user_id);
    if (mailsOff.includes(notice.notice)) return 'switched_off';
    return to === null
      ? 'no_address'
      : { to, words, email: topUpStoppedEmail(words, notice.reason, packageName) };
  }
  const purchase = await readPurchaseFacts(deps.database, notice.purchase_id);
  if (purchase === null) throw new PermanentError('there is no such purchase');
  const { words, mailsOff } = await wordsFor(deps.database, purchase.userId);
  if (mailsOff.some((mail) => mail === notice.notice)) return 'switched_off';
  const to = (notice.notice === 'gift' ? purchase.giftEmail : null) ?? purchase.email;
  if (to === null) return 'no_address';
  const email = await writeEmail(deps, words, notice, purchase);
  return email === null ? 'not_needed' : { to, words, email };
}

/** With a link to the page where its address is known. */
function withLink({ config }: Dependencies, { email, words }: Addressed): Email {
  const url = config.PUBLIC_URL;
  if (email.link !== undefined || url === undefined) return email;
  return { ...email, link: { words: words.open, url } };
}

/** Nobody wants last month's receipts all at once on the day that mail is set up. */
const STALE_SECONDS = 7 * 86_400;

/** The same for every attempt at a notice, so that whoever gets two knows them for one. Tells nothing of the key. */
function messageIdOf(key: string, domain: string): string {
  return `${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}`;
}

/**
 * Writes and sends one notice. An activation code exists only here and in the message: it is derived when the message
 * is written, and neither stored nor logged.
 * @throws PermanentError, MailError, Fault `database_unavailable`
 */
export const sendNotice: JobHandler = async (deps, { key, payload, ageSeconds }) => {
  const { mail } = deps;
  const parsed = anyNoticeSchema.safeParse(payload);
  if (!parsed.success) throw new PermanentError('there is no such notice');
  const dueAt = 'due_at' in parsed.data ? parsed.data.due_at : undefined;
  const lateSeconds = dueAt === undefined ? ageSeconds : (deps.now().getTime() - Date.parse(dueAt)) / 1000;
  if (lateSeconds > STALE_SECONDS) return 'stale';
  const written = await writeNotice(deps, parsed.data);
  if (typeof written === 'string') return written;
  const email = withLink(deps, written);
  await mail.send({
    id: messageIdOf(key, mail.domain),
    to: written.to,
    subject: email.subject,
    text: emailText(written.words, email),
    html: emailHtml(written.words, email),
  });
  return 'sent';
};

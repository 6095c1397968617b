import { createHash } from 'node:crypto';
import { HopelessError } from '../outbox/hopeless-error.ts';
import type { OutboxHandler } from '../outbox/outbox-item.ts';
import { readPurchaseFacts } from './purchase-facts.ts';
import { letterHtml, letterText } from './render-letter.ts';
import { noticeSchema, writeNotice } from './write-notice.ts';

/** Nobody wants last month's receipts all at once on the day that mail is set up. */
const STALE_SECONDS = 7 * 86_400;

/** The same for every attempt at a notice, so that whoever gets two knows them for one. Tells nothing of the key. */
function messageIdOf(key: string, domain: string): string {
  return `${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}`;
}

/**
 * Writes and sends one notice. An activation code exists only here and in the message: it is derived when the message
 * is written, and neither stored nor logged.
 * @throws HopelessError, MailError, Fault `database_unavailable`
 */
export const sendNotice: OutboxHandler = async (deps, { key, payload, ageSeconds }) => {
  const { mail, database } = deps;
  const parsed = noticeSchema.safeParse(payload);
  if (!parsed.success) throw new HopelessError('there is no such notice');
  if (ageSeconds > STALE_SECONDS) return 'stale';
  const purchase = await readPurchaseFacts(database, parsed.data.purchase_id);
  if (purchase === null) throw new HopelessError('there is no such purchase');
  if (purchase.email === null) return 'no_address';
  const letter = await writeNotice(deps, parsed.data, purchase);
  if (letter === null) return 'not_needed';
  await mail.send({
    id: messageIdOf(key, mail.domain),
    to: purchase.email,
    subject: letter.subject,
    text: letterText(letter),
    html: letterHtml(letter),
  });
  return 'sent';
};

import { z } from 'zod';
import { billingInvoice } from '../../shared/api/billing.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { money } from '../../shared/units.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { type Addressed, wordsFor } from './addressed.ts';
import type { Email } from './render-email.ts';
import type { MailWords } from './words/en.ts';

const KINDS = ['invoice_open', 'invoice_paid', 'invoice_failed', 'invoice_void', 'invoice_credited'] as const;

export const invoiceNoticeSchema = z.object({ notice: z.enum(KINDS), invoice_id: z.string() });
type InvoiceNotice = z.infer<typeof invoiceNoticeSchema>;

const facts = billingInvoice
  .extend({
    tenant_name: z.string(),
    owner_id: z.uuid().nullable(),
    email: z.string().nullable(),
    time_zone: z.string(),
    plan_name: z.string().nullable(),
  })
  .nullable();
type Facts = NonNullable<z.infer<typeof facts>>;

/** An invoice that is something else by now is told of by another mail, or needs none. */
const STATES: Record<InvoiceNotice['notice'], readonly Facts['status'][]> = {
  invoice_open: ['open'],
  invoice_paid: ['paid'],
  invoice_failed: ['open', 'uncollectible'],
  invoice_void: ['void'],
  invoice_credited: ['open', 'paid', 'uncollectible', 'void'],
};

function dayIn({ dates }: MailWords, zone: string, moment: string): string {
  return new Intl.DateTimeFormat(dates, { dateStyle: 'long', timeZone: zone }).format(new Date(moment));
}

/** The last day of a period, whose end is the midnight after it. */
const lastDay = (end: string) => new Date(Date.parse(end) - 1).toISOString();

function invoiceEmail(words: MailWords, { notice }: InvoiceNotice, found: Facts): Email {
  const { invoice } = words;
  const { breakdown, currency, period_start: start, period_end: end, time_zone: zone } = found;
  const cash = (cents: number) => money(cents, currency, words.amounts);
  const number = found.number ?? found.id;
  const next = found.next_attempt_at === null ? null : dayIn(words, zone, found.next_attempt_at);
  const parts = (['base', 'assets', 'credits', 'gainshare', 'other'] as const)
    .filter((part) => breakdown[`${part}_cents`] !== 0)
    .map((part) => [invoice[part], cash(breakdown[`${part}_cents`])] as const);
  return {
    subject: invoice.subject[notice](number),
    paragraphs: [notice === 'invoice_failed' ? invoice.failed(next) : invoice.text[notice]],
    facts: [
      [invoice.number, number],
      ...(start === null || end === null
        ? []
        : ([
            [invoice.period, invoice.span(dayIn(words, zone, start), dayIn(words, zone, lastDay(end)))],
          ] as const)),
      ...parts,
      [invoice.subtotal, cash(found.subtotal_cents)],
      ...(found.tax_cents === 0 ? [] : ([[words.terms.tax, cash(found.tax_cents)]] as const)),
      [invoice.total, cash(found.total_cents)],
      ...(found.status === 'open' ? ([[invoice.due, cash(found.amount_due_cents)]] as const) : []),
      ...(found.credited_cents === 0 ? [] : ([[invoice.credited, cash(found.credited_cents)]] as const)),
    ],
    ...(found.hosted_url !== null && { link: { words: invoice.link, url: found.hosted_url } }),
  };
}

/**
 * The email about an invoice, to where the tenant's invoices go, in the language of its first owner.
 * @returns in a word, why none is sent
 * @throws Fault `database_unavailable`
 */
export async function writeInvoiceEmail(
  { database }: Dependencies,
  notice: InvoiceNotice,
): Promise<Addressed | 'no_address' | 'not_needed'> {
  const args = { p_invoice_id: notice.invoice_id };
  const found = await callFunction(database, 'read_invoice_mail', args, facts);
  if (found === null || !STATES[notice.notice].includes(found.status)) return 'not_needed';
  if (found.email === null || found.owner_id === null) return 'no_address';
  const { words } = await wordsFor(database, found.owner_id);
  return { to: found.email, words, email: invoiceEmail(words, notice, found) };
}

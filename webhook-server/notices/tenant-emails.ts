import { z } from 'zod';
import { deriveInvitationToken } from '../../shared/activation-codes/keyed-hash.ts';
import { invitationSchema } from '../../shared/api/tenants.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { plainNote } from '../../shared/plain-note.ts';
import { money } from '../../shared/units.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { PermanentError } from '../base/failures.ts';
import { type Addressed, wordsFor } from './addressed.ts';
import type { Email } from './render-email.ts';

const invitationNotice = z.object({
  notice: z.literal('tenant_invitation'),
  invitation_id: z.uuid(),
});
const spendNotice = z.object({
  notice: z.literal('spend_threshold'),
  tenant_id: z.uuid(),
  user_id: z.uuid(),
  period: z.enum(['day', 'month']),
  began: z.iso.date(),
  threshold: z.enum(['soft', 'hard']),
});
export const tenantNoticeSchema = z.union([invitationNotice, spendNotice]);

const spendFacts = z
  .object({
    tenant_name: z.string(),
    email: z.string().nullable(),
    spent_micros: z.int(),
    limit_micros: z.int(),
    currency: z.string(),
  })
  .nullable();

/** Of a currency whose smallest unit is a hundredth. */
const MICROS_PER_CENT = 10_000;

/**
 * The email to who does a tenant's billing about a threshold of its plan, in their language.
 * @throws PermanentError, Fault `database_unavailable`
 */
async function writeSpendEmail(
  { database, config }: Dependencies,
  { tenant_id: tenantId, user_id: userId, period, began, threshold }: z.infer<typeof spendNotice>,
): Promise<Addressed | 'no_address'> {
  const args = {
    p_tenant_id: tenantId,
    p_user_id: userId,
    p_period: period,
    p_began: began,
    p_threshold: threshold,
  };
  const answer = await callFunction(database, 'read_spend_mail', args, spendFacts);
  if (answer === null) throw new PermanentError('there is no such threshold');
  if (answer.email === null) return 'no_address';
  const { words } = await wordsFor(database, userId);
  const { spend } = words;
  const amount = (micros: number) =>
    money(Math.round(micros / MICROS_PER_CENT), answer.currency, words.amounts);
  const email: Email = {
    subject: spend.subject[threshold](answer.tenant_name),
    paragraphs: [spend.text[threshold](answer.tenant_name)],
    facts: [
      [
        `${spend.spent}, ${spend.periods[period]}`,
        spend.of(amount(answer.spent_micros), amount(answer.limit_micros)),
      ],
    ],
    ...(config.PUBLIC_URL !== undefined && {
      link: { words: spend.link, url: new URL(`/teams/${tenantId}`, config.PUBLIC_URL).href },
    }),
  };
  return { to: answer.email, words, email };
}

const facts = invitationSchema
  .extend({ tenant_name: z.string(), inviter: z.string(), inviter_id: z.uuid() })
  .nullable();

/** Joining happens at a room of the page; the token is behind the #, which browsers send to no server. */
function joinLink(pageUrl: string, token: string): string {
  const url = new URL('/teams/join', pageUrl);
  url.hash = token;
  return url.href;
}

/**
 * The email of an invitation, in the language of who invites, as nothing is known of who is invited. Its token exists only
 * here and in the message.
 * @returns in a word, why none is sent
 * @throws PermanentError, Fault `database_unavailable`
 */
async function writeInvitation(
  { database, config }: Dependencies,
  { invitation_id: id }: z.infer<typeof invitationNotice>,
): Promise<Addressed | 'not_needed'> {
  const answer = await callFunction(database, 'read_invitation_mail', { p_invitation_id: id }, facts);
  if (answer === null) throw new PermanentError('there is no such invitation');
  if (answer.status !== 'waiting') return 'not_needed';
  const { words } = await wordsFor(database, answer.inviter_id);
  const { invitation } = words;
  const inviter = plainNote(answer.inviter).trim();
  const token = deriveInvitationToken(config.ACTIVATION_CODE_KEY, id);
  const email: Email = {
    subject: invitation.subject(answer.tenant_name),
    paragraphs: [
      invitation.text(inviter === '' ? invitation.somebody : inviter, answer.tenant_name),
      invitation.roles[answer.role],
      invitation.signIn,
    ],
    facts: [[invitation.until, `${answer.expires_at.slice(0, 16).replace('T', ' ')} UTC`]],
    ...(config.PUBLIC_URL !== undefined && {
      link: { words: invitation.link, url: joinLink(config.PUBLIC_URL, token) },
    }),
    footnote: invitation.ignore,
  };
  return { to: answer.email, words, email };
}

/** The email of a notice about a tenant. @throws PermanentError, Fault `database_unavailable` */
export const writeTenantEmail = (deps: Dependencies, notice: z.infer<typeof tenantNoticeSchema>) =>
  notice.notice === 'spend_threshold' ? writeSpendEmail(deps, notice) : writeInvitation(deps, notice);

import { z } from 'zod';
import { deriveInvitationToken } from '../../shared/activation-codes/keyed-hash.ts';
import { invitationSchema } from '../../shared/api/tenants.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { plainNote } from '../../shared/plain-note.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { PermanentError } from '../base/failures.ts';
import { type Addressed, wordsFor } from './addressed.ts';
import type { Email } from './render-email.ts';

export const tenantNoticeSchema = z.object({
  notice: z.literal('tenant_invitation'),
  invitation_id: z.uuid(),
});

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
export async function writeTenantEmail(
  { database, config }: Dependencies,
  { invitation_id: id }: z.infer<typeof tenantNoticeSchema>,
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

import { z } from 'zod';
import { operatorRequestSchema } from '../../shared/api/support.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { PermanentError } from '../base/failures.ts';
import { type Addressed, wordsFor } from './addressed.ts';
import type { Email } from './render-email.ts';
import { en } from './words/en.ts';

export const supportNoticeSchema = z.object({
  notice: z.enum(['support_request', 'support_answer']),
  request_id: z.uuid(),
});

const SUBJECTS = { call: 'a call', purchase: 'a purchase', card: 'a time card', account: 'the account' };

const paragraphsOf = (text: string) => text.split(/\n+/).filter((line) => line.trim() !== '');

/**
 * The email about a request for help: to whoever runs the service, or the answer to who asked.
 * @returns in a word, why none is sent
 * @throws PermanentError, Fault `database_unavailable`
 */
export async function writeSupportEmail(
  { database, config }: Dependencies,
  { notice, request_id: id }: z.infer<typeof supportNoticeSchema>,
): Promise<Addressed | 'no_address' | 'not_needed'> {
  const answer = operatorRequestSchema.nullable();
  const request = await callFunction(database, 'read_support_request', { p_request_id: id }, answer);
  if (request === null) throw new PermanentError('there is no such request for help');
  const { about, about_id, message } = request;
  // Of who was deleted meanwhile.
  if (message === null) return 'not_needed';
  if (notice === 'support_answer') {
    if (request.email === null) return 'no_address';
    const { words } = await wordsFor(database, request.user_id);
    const email: Email = {
      subject: words.support.subject[about],
      paragraphs: paragraphsOf(request.answer ?? ''),
      facts: [
        [words.terms.youAsked, message],
        ...(about_id === null ? [] : [[words.support.id[about], about_id] as const]),
      ],
    };
    return { to: request.email, words, email };
  }
  const subject: Email['facts'] = about_id === null ? [] : [[en.support.id[about], about_id]];
  if (config.SUPPORT_EMAIL === undefined) return 'no_address';
  const email = {
    subject: `Somebody asks for help with ${SUBJECTS[about]}`,
    paragraphs: paragraphsOf(message),
    facts: [['From', request.email ?? request.user_id] as const, ...subject, ['Request', id] as const],
    ...(config.PUBLIC_URL !== undefined && {
      link: { words: 'Answer it', url: `${config.PUBLIC_URL.replace(/\/$/, '')}/operator/support/${id}` },
    }),
  };
  // Of whoever runs the service nobody asked which language they read.
  return { to: config.SUPPORT_EMAIL, words: en, email };
}

import { z } from 'zod';
import { operatorRequestSchema } from '../../shared/api/support.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { PermanentError } from '../base/failures.ts';
import type { Email } from './render-email.ts';

export const supportNoticeSchema = z.object({
  notice: z.enum(['support_request', 'support_answer']),
  request_id: z.uuid(),
});

const SUBJECTS = { call: 'a call', purchase: 'a purchase', card: 'a time card', account: 'the account' };
const YOURS = {
  call: 'your call',
  purchase: 'your purchase',
  card: 'your time card',
  account: 'your account',
};

const paragraphsOf = (text: string) => text.split(/\n+/).filter((line) => line.trim() !== '');

/**
 * The email about a request for help: to whoever runs the service, or the answer to who asked.
 * @returns in a word, why none is sent
 * @throws PermanentError, Fault `database_unavailable`
 */
export async function writeSupportEmail(
  { database, config }: Dependencies,
  { notice, request_id: id }: z.infer<typeof supportNoticeSchema>,
): Promise<{ to: string; email: Email } | 'no_address' | 'not_needed'> {
  const answer = operatorRequestSchema.nullable();
  const request = await callFunction(database, 'read_support_request', { p_request_id: id }, answer);
  if (request === null) throw new PermanentError('there is no such request for help');
  const { about, about_id, message } = request;
  // Of who was deleted meanwhile.
  if (message === null) return 'not_needed';
  const subject: Email['facts'] = about_id === null ? [] : [[`Id of ${SUBJECTS[about]}`, about_id]];
  if (notice === 'support_answer') {
    if (request.email === null) return 'no_address';
    const email = {
      subject: `Our answer about ${YOURS[about]}`,
      paragraphs: paragraphsOf(request.answer ?? ''),
      facts: [['You asked', message] as const, ...subject],
    };
    return { to: request.email, email };
  }
  if (config.SUPPORT_EMAIL === undefined) return 'no_address';
  const email = {
    subject: `Somebody asks for help with ${SUBJECTS[about]}`,
    paragraphs: paragraphsOf(message),
    facts: [['From', request.email ?? request.user_id] as const, ...subject, ['Request', id] as const],
    ...(config.PUBLIC_URL !== undefined && {
      link: { words: 'Answer it', url: `${config.PUBLIC_URL.replace(/\/$/, '')}/operator/support/${id}` },
    }),
  };
  return { to: config.SUPPORT_EMAIL, email };
}

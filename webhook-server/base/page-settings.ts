import type { Request } from 'express';
import { z } from 'zod';
import {
  isPageLanguage,
  MAILS,
  type OptionalMail,
  PAGE_LANGUAGES,
  type PageLanguage,
} from '../../shared/api/page-languages.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';

/** How the page and the mails speak with a person. */
export type PageSettings = {
  /** As chosen; null: as the browser has it. */
  language: PageLanguage | null;
  /** English for who was never heard of in another one. */
  mailLanguage: PageLanguage;
  mailsOff: OptionalMail[];
};

const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.enum(['known', 'written']),
    language: z.string().nullable(),
    mail_language: z.string().nullable(),
    mails_off: z.array(z.enum(MAILS)),
  }),
  z.object({ status: z.literal('unknown_user') }),
  z.object({ status: z.literal('invalid_settings') }),
]);

const pageLanguage = (text: string | null): PageLanguage | null => (isPageLanguage(text) ? text : null);

function settingsOf(answer: z.infer<typeof answerSchema>): PageSettings | null {
  if (answer.status === 'invalid_settings') throw new Fault('invalid_request');
  if (answer.status === 'unknown_user') return null;
  const { language, mail_language, mails_off: mailsOff } = answer;
  return { language: pageLanguage(language), mailLanguage: pageLanguage(mail_language) ?? 'en', mailsOff };
}

/** @returns null for nobody. @throws Fault `database_unavailable` */
export async function readPageSettings(
  database: DatabaseClient,
  userId: string,
): Promise<PageSettings | null> {
  return settingsOf(await callFunction(database, 'read_page_settings', { p_user_id: userId }, answerSchema));
}

type Changes = { language?: PageLanguage | null | undefined; mailsOff?: OptionalMail[] | undefined };

/** What is left out stays as it is. @returns null for nobody. @throws Fault `database_unavailable` */
export async function writePageSettings(
  database: DatabaseClient,
  userId: string,
  { language, mailsOff }: Changes,
): Promise<PageSettings | null> {
  const args = {
    p_user_id: userId,
    // The empty language is that of the browser: null would leave it as it is.
    ...(language !== undefined && { p_language: language ?? '' }),
    ...(mailsOff !== undefined && { p_mails_off: mailsOff }),
  };
  return settingsOf(await callFunction(database, 'write_page_settings', args, answerSchema));
}

/** Which of our languages a request asks for first; null where it asks for none. */
export function languageAsked(request: Request): PageLanguage | null {
  // Programs that do not care send an asterisk.
  if ((request.get('accept-language') ?? '*').trim() === '*') return null;
  const best = request.acceptsLanguages([...PAGE_LANGUAGES]);
  return isPageLanguage(best || null) ? (best as PageLanguage) : null;
}

/** The mails about what is bought speak the language of the buyer's browser, unless they chose another one. */
export async function noteLanguage(
  database: DatabaseClient,
  userId: string,
  request: Request,
): Promise<void> {
  const language = languageAsked(request);
  if (language === null) return;
  await callFunction(database, 'note_language', { p_user_id: userId, p_language: language }, z.unknown());
}

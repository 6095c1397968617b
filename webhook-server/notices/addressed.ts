import type { OptionalMail } from '../../shared/api/page-languages.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { readPageSettings } from '../base/page-settings.ts';
import type { Email } from './render-email.ts';
import type { MailWords } from './words/en.ts';
import { mailWordsOf } from './words/of-language.ts';

/** An email, in whose words, and to whom. */
export type Addressed = { to: string; words: MailWords; email: Email };

/** The words for a person, and which mails they do without. @throws Fault `database_unavailable` */
export async function wordsFor(
  database: DatabaseClient,
  userId: string,
): Promise<{ words: MailWords; mailsOff: readonly OptionalMail[] }> {
  const settings = await readPageSettings(database, userId);
  return { words: mailWordsOf(settings?.mailLanguage ?? 'en'), mailsOff: settings?.mailsOff ?? [] };
}

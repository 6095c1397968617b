import type { PageLanguage } from '../../../shared/api/page-languages.ts';
import { de } from './de.ts';
import { en, type MailWords } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';

const CATALOGUES: Record<PageLanguage, MailWords> = { en, de, es, fr };

/** What mails say in a language. */
export const mailWordsOf = (language: PageLanguage): MailWords => CATALOGUES[language];

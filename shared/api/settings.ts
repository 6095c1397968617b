import { z } from 'zod';
import { LOCALE_TAGS } from '../spoken/locales.ts';
import { MAILS, PAGE_LANGUAGES } from './page-languages.ts';
import { apiSchemas } from './schemas.ts';

/**
 * Voices of OpenAI's speech that every model of it has
 * (https://platform.openai.com/docs/guides/text-to-speech#voice-options).
 */
export const VOICES = ['alloy', 'ash', 'coral', 'echo', 'fable', 'nova', 'onyx', 'sage', 'shimmer'] as const;

const localeSchema = z.enum(LOCALE_TAGS).nullable().describe('BCP 47; null: the language of this service');
const voiceSchema = z.enum(VOICES).nullable().describe('null: the voice that this service speaks with');

const mailLanguageSchema = z
  .enum(PAGE_LANGUAGES)
  .nullable()
  .describe(
    'of mails and receipts, ISO 639-1; null: that of the page, or the browser, of your last purchase',
  );
const mailSchema = z.enum(MAILS);

/** Body of `PUT /user/:user_id/settings`: what is left out stays as it is. */
export const settingsRequest = z
  .strictObject({
    locale: localeSchema.optional(),
    voice: voiceSchema.optional(),
    memory_enabled: z
      .boolean()
      .describe('false: nothing is kept of the calls to come, and nothing of earlier ones is used')
      .optional(),
    mail_language: mailLanguageSchema.optional(),
    mails_off: z.array(mailSchema).max(MAILS.length).optional().describe('the mails that are not sent'),
  })
  .register(apiSchemas, { id: 'SettingsRequest' });

/** Answer of `GET` and `PUT /user/:user_id/settings`. */
export const settingsResponse = z
  .object({
    user_id: z.uuid(),
    locale: z.string().nullable().describe('BCP 47; null: the language of this service'),
    voice: z.string().nullable().describe('null: the voice that this service speaks with'),
    memory_enabled: z.boolean(),
    locales: z.array(z.object({ tag: z.string(), name: z.string() })).describe('what can be chosen'),
    voices: z.array(z.string()).describe('what can be chosen'),
    mail_language: mailLanguageSchema,
    mails_off: z.array(mailSchema).describe('the mails that are not sent'),
  })
  .register(apiSchemas, { id: 'SettingsResponse' });

export type SettingsRequest = z.infer<typeof settingsRequest>;
export type SettingsResponse = z.infer<typeof settingsResponse>;

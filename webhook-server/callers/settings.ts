import { z } from 'zod';
import { type SettingsRequest, type SettingsResponse, VOICES } from '../../shared/api/settings.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { LOCALES } from '../../shared/spoken/locales.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { type PageSettings, readPageSettings, writePageSettings } from '../base/page-settings.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.enum(['known', 'written']),
    locale: z.string().nullable(),
    voice: z.string().nullable(),
    memory_enabled: z.boolean(),
  }),
  z.object({ status: z.literal('unknown_user') }),
  z.object({ status: z.literal('invalid_settings') }),
]);

type Deps = Pick<Dependencies, 'database' | 'config'>;

function known<Answer extends { status: string }>(answer: Answer) {
  if (answer.status === 'unknown_user') throw new Fault('not_signed_in');
  if (answer.status === 'invalid_settings') throw new Fault('invalid_request');
  return answer as Exclude<Answer, { status: 'unknown_user' | 'invalid_settings' }>;
}

function toResponse(
  { config }: Deps,
  userId: string,
  spoken: z.infer<typeof answerSchema>,
  page: PageSettings | null,
): SettingsResponse {
  if (page === null) throw new Fault('not_signed_in');
  const { locale, voice, memory_enabled } = known(spoken);
  const locales = config.SPOKEN_LOCALES.map((tag) => ({ tag, name: LOCALES[tag].name }));
  const ofPage = { mail_language: page.language, mails_off: page.mailsOff };
  return { user_id: userId, locale, voice, memory_enabled, locales, voices: [...VOICES], ...ofPage };
}

/**
 * How a person wants to be spoken with, and what they can choose from.
 * @throws Fault `not_signed_in` for an unknown person, `database_unavailable`
 */
export async function readSettings(deps: Deps, userId: string): Promise<SettingsResponse> {
  const [spoken, page] = await Promise.all([
    callFunction(deps.database, 'read_settings', { p_user_id: userId }, answerSchema),
    readPageSettings(deps.database, userId),
  ]);
  return toResponse(deps, userId, spoken, page);
}

/**
 * Changes what the request names. The next call is spoken like that; one that is going on stays as it is.
 * @throws Fault `invalid_request` for a language that is not spoken here, `not_signed_in` for an unknown person,
 *   `database_unavailable`
 */
export async function writeSettings(
  deps: Deps,
  userId: string,
  request: SettingsRequest,
): Promise<SettingsResponse> {
  const {
    locale,
    voice,
    memory_enabled: memoryEnabled,
    mail_language: language,
    mails_off: mailsOff,
  } = request;
  const offered = deps.config.SPOKEN_LOCALES;
  if (locale != null && !offered.includes(locale)) {
    throw new Fault(
      'invalid_request',
      `locale: is not spoken here; choose one of ${offered.join(', ')}, or null`,
    );
  }
  const args = {
    p_user_id: userId,
    ...(locale !== undefined && { p_locale: locale ?? '' }),
    // The empty name is the voice of the service: null would leave it as it is.
    ...(voice !== undefined && { p_voice: voice ?? '' }),
    ...(memoryEnabled !== undefined && { p_memory_enabled: memoryEnabled }),
  };
  const isOfPage = language !== undefined || mailsOff !== undefined;
  const [spoken, page] = await Promise.all([
    Object.keys(args).length === 1
      ? callFunction(deps.database, 'read_settings', { p_user_id: userId }, answerSchema)
      : callFunction(deps.database, 'write_settings', args, answerSchema),
    isOfPage
      ? writePageSettings(deps.database, userId, { language, mailsOff })
      : readPageSettings(deps.database, userId),
  ]);
  return toResponse(deps, userId, spoken, page);
}

import type { CallConfig } from '../../shared/config/variables.ts';
import { closestLocale, type Locale } from '../../shared/spoken/locales.ts';
import { type CallerProfile, UNKNOWN_CALLER } from './caller-profile.ts';

export type SpokenCaller = CallerProfile & { locale: Locale };

/** A person as they can be spoken with here: in the nearest of the locales that stt and tts know. */
export function spokenCaller(
  config: Pick<CallConfig, 'DEFAULT_LOCALE' | 'SPOKEN_LOCALES'>,
  caller: CallerProfile = UNKNOWN_CALLER,
): SpokenCaller {
  return { ...caller, locale: closestLocale(caller.locale ?? config.DEFAULT_LOCALE, config.SPOKEN_LOCALES) };
}

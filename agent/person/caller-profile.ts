import type { CallConfig } from '../../shared/config/variables.ts';
import { closestLocale, type Locale } from '../../shared/spoken/locales.ts';

/** What the agent knows of a person before the call: how to speak with them, and what they told earlier. */
export type CallerProfile = {
  /** BCP 47, such as `en-US`; undefined: the one configured. */
  locale: string | undefined;
  /** Name of a voice of the speech provider; undefined: the one configured. */
  voice: string | undefined;
  /** Whether anything may be kept of this call. */
  memoryEnabled: boolean;
  /** What earlier calls left, most useful first. */
  facts: readonly { id: string; text: string }[];
};

/** Somebody of whom nothing is known, or could be read in time: spoken with as is usual here, and nothing is kept. */
export const UNKNOWN_CALLER: CallerProfile = {
  locale: undefined,
  voice: undefined,
  memoryEnabled: false,
  facts: [],
};

export type SpokenCaller = CallerProfile & { locale: Locale };

/** A person as they can be spoken with here: in the nearest of the locales that stt and tts know. */
export function spokenCaller(
  config: Pick<CallConfig, 'DEFAULT_LOCALE' | 'SPOKEN_LOCALES'>,
  caller: CallerProfile = UNKNOWN_CALLER,
): SpokenCaller {
  return { ...caller, locale: closestLocale(caller.locale ?? config.DEFAULT_LOCALE, config.SPOKEN_LOCALES) };
}

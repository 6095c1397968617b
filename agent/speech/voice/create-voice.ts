import { systemClock } from '../../../shared/clock.ts';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { SpokenCaller } from '../../person/spoken-caller.ts';
import { sentencesFor } from '../../sentences/sentences-for.ts';
import { NO_KEY } from '../providers/openai-provider.ts';
import { ProviderChain } from '../providers/provider-chain.ts';
import { SpeechProvider } from './speech-provider.ts';
import { Voice } from './voice.ts';

/** The second provider of speech, where there is one. It has voices of its own, so the caller's choice means nothing there. */
function fallbackProviders(config: CallConfig): SpeechProvider[] {
  const baseUrl = config.OPENAI_TTS_FALLBACK_BASE_URL;
  if (baseUrl === undefined) return [];
  return [
    new SpeechProvider({
      baseUrl,
      apiKey: config.OPENAI_TTS_FALLBACK_API_KEY ?? NO_KEY,
      model: config.OPENAI_TTS_FALLBACK_MODEL ?? config.OPENAI_TTS_MODEL,
      voice: config.OPENAI_TTS_FALLBACK_VOICE ?? config.OPENAI_TTS_VOICE,
      deadlineMs: config.OPENAI_TTS_DEADLINE_MS,
    }),
  ];
}

/** The agent's voice for a caller. */
export function createVoice(config: CallConfig, caller: SpokenCaller): Voice {
  const first = new SpeechProvider({
    baseUrl: config.OPENAI_TTS_BASE_URL ?? config.OPENAI_BASE_URL,
    apiKey: config.OPENAI_TTS_API_KEY ?? config.OPENAI_API_KEY,
    model: config.OPENAI_TTS_MODEL,
    voice: caller.voice ?? config.OPENAI_TTS_VOICE,
    deadlineMs: config.OPENAI_TTS_DEADLINE_MS,
  });
  const chain = new ProviderChain([first, ...fallbackProviders(config)], systemClock);
  return new Voice(chain, sentencesFor(caller.locale).sorryForTheWait);
}

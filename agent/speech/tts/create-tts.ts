import { systemClock } from '../../../shared/clock.ts';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { SpokenCaller } from '../../person/spoken-caller.ts';
import { sentencesFor } from '../../sentences/sentences-for.ts';
import { NO_KEY } from '../providers/openai-provider.ts';
import { ProviderChain } from '../providers/provider-chain.ts';
import { SpeechProvider } from './speech-provider.ts';
import { Tts } from './tts.ts';

/** The voices there are for a caller, in the order in which they are wanted. */
function voicesFor(config: CallConfig, caller: SpokenCaller): [SpeechProvider, ...SpeechProvider[]] {
  const deadlineMs = config.OPENAI_TTS_DEADLINE_MS;
  const usual = {
    baseUrl: config.OPENAI_TTS_BASE_URL ?? config.OPENAI_BASE_URL,
    apiKey: config.OPENAI_TTS_API_KEY ?? config.OPENAI_API_KEY,
    model: config.OPENAI_TTS_MODEL,
    voice: config.OPENAI_TTS_VOICE,
    deadlineMs,
  };
  const voices: [SpeechProvider, ...SpeechProvider[]] = [new SpeechProvider(usual)];
  // Whoever chose a voice that the provider does not know must not meet with silence.
  const { voice } = caller;
  if (voice !== undefined && voice !== usual.voice) voices.unshift(new SpeechProvider({ ...usual, voice }));
  const baseUrl = config.OPENAI_TTS_FALLBACK_BASE_URL;
  if (baseUrl === undefined) return voices;
  // It has voices of its own: what the caller chose means nothing to it.
  const fallback = new SpeechProvider({
    baseUrl,
    apiKey: config.OPENAI_TTS_FALLBACK_API_KEY ?? NO_KEY,
    model: config.OPENAI_TTS_FALLBACK_MODEL ?? usual.model,
    voice: config.OPENAI_TTS_FALLBACK_VOICE ?? usual.voice,
    deadlineMs,
  });
  voices.push(fallback);
  return voices;
}

/** The agent's voice for a caller. */
export function createTts(config: CallConfig, caller: SpokenCaller): Tts {
  const chain = new ProviderChain(voicesFor(config, caller), systemClock);
  return new Tts(chain, sentencesFor(caller.locale).sorryForTheWait);
}

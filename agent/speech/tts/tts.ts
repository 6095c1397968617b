import { type APIConnectOptions, type APIError, tts } from '@livekit/agents';
import { systemClock } from '../../../shared/clock.ts';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { SpokenCaller } from '../../person/caller-profile.ts';
import { sentencesFor } from '../../sentences/sentences-for.ts';
import { NO_KEY } from '../providers/openai-provider.ts';
import { ProviderChain } from '../providers/provider-chain.ts';
import { FirstWordsFirst } from './first-words.ts';
import { SPEECH_RATE, SpeechProvider } from './speech-provider.ts';
import { SpokenText } from './spoken-text.ts';

/**
 * The agent's voice: speaks a reply while it is being written, its first words first. Of an attempt that fails it tells
 * by an error that is recoverable, of a text that stays unspoken by one that is not; none is ever thrown.
 */
export class Tts extends tts.TTS {
  label = 'mindbot.Tts';
  readonly #chain: ProviderChain<SpeechProvider>;
  readonly #apology: string;

  /** @param apology said in front of a reply that comes late because a provider failed */
  constructor(chain: ProviderChain<SpeechProvider>, apology: string) {
    // What is spoken never becomes what is written: in here an activation code is spelled out, which nothing but the
    // sound of a call may hold.
    super(SPEECH_RATE, 1, { streaming: true, alignedTranscript: false });
    this.#chain = chain;
    this.#apology = apology;
    // The session listens while an agent is active; in between, an error without a listener would be thrown.
    this.on('error', () => {});
  }

  override get model(): string {
    return this.#chain.providers[0].model;
  }

  override get provider(): string {
    return this.#chain.providers[0].host;
  }

  override synthesize(text: string, _?: APIConnectOptions, signal?: AbortSignal): SpokenText {
    return this.speak(text, this.#apology, signal);
  }

  override stream(): tts.SynthesizeStream {
    const reply = new Reply(this, (text, isFirst, signal) =>
      this.speak(text, isFirst ? this.#apology : undefined, signal),
    );
    return new tts.StreamAdapterWrapper(reply, new FirstWordsFirst());
  }

  /** Speaks a text ahead, for later: whether that works or not concerns nobody who listens now. */
  speakAhead(text: string, signal: AbortSignal): SpokenText {
    return this.#spoken(text, undefined, signal, () => {});
  }

  /** @param apology said in front of it when the first attempt fails */
  speak(text: string, apology: string | undefined, signal: AbortSignal | undefined): SpokenText {
    return this.#spoken(text, apology, signal, (error, timestamp, recoverable) =>
      this.emit('error', { type: 'tts_error', timestamp, label: this.label, error, recoverable }),
    );
  }

  #spoken(
    text: string,
    apology: string | undefined,
    signal: AbortSignal | undefined,
    tell: (error: APIError, timestamp: number, recoverable: boolean) => void,
  ): SpokenText {
    return new SpokenText({
      chain: this.#chain,
      text,
      apology,
      signal,
      hindered: (error, beganAt) => tell(error, beganAt, true),
      failed: (error) => tell(error, Date.now(), false),
      counted: (metrics) => this.emit('metrics_collected', metrics),
    });
  }
}

/**
 * One reply, piece by piece. It stands between the voice and the framework's stream, which would report all of its
 * characters a second time.
 */
class Reply extends tts.TTS {
  label = 'mindbot.Tts';
  readonly #speak: (text: string, isFirst: boolean, signal: AbortSignal | undefined) => SpokenText;
  #hasBegun = false;

  constructor(
    voice: Tts,
    speak: (text: string, isFirst: boolean, signal: AbortSignal | undefined) => SpokenText,
  ) {
    super(voice.sampleRate, voice.numChannels, { streaming: false });
    this.#speak = speak;
    this.on('error', (error) => voice.emit('error', error));
  }

  override synthesize(text: string, _?: APIConnectOptions, signal?: AbortSignal): SpokenText {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    return this.#speak(text, isFirst, signal);
  }

  override stream(): never {
    throw new TypeError('A reply is spoken in pieces.');
  }
}

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

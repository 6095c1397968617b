import { type APIConnectOptions, tokenize, tts } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { OpenAI } from 'openai';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { CallerProfile } from '../../person/caller-profile.ts';

/** How often the OpenAI client sends a request for speech again before the turn stays silent. */
const TTS_RETRIES = 2;

const SILENCE = new ArrayBuffer(0);

/**
 * OpenAI's speech (https://platform.openai.com/docs/api-reference/audio/createSpeech), one request per sentence. A
 * request that fails is reported and stays silent: the framework reports it, too, but then leaves a rejection that
 * nobody handles, which would end any process but the framework's own.
 */
class OpenAIVoice extends openai.TTS {
  readonly #client: OpenAI;
  readonly #model: string;
  readonly #voice: string;

  constructor(client: OpenAI, model: string, voice: string) {
    super({ client });
    this.#client = client;
    this.#model = model;
    this.#voice = voice;
  }

  override synthesize(
    text: string,
    connOptions?: APIConnectOptions,
    abortSignal?: AbortSignal,
  ): openai.ChunkedStream {
    const audio = this.#speak(text, abortSignal).catch((error: unknown) => {
      if (!abortSignal?.aborted) this.#report(error);
      return SILENCE;
    });
    const response = audio.then((samples) => ({ arrayBuffer: async () => samples }));
    return new openai.ChunkedStream(this, text, response, connOptions, abortSignal);
  }

  async #speak(input: string, signal: AbortSignal | undefined): Promise<ArrayBuffer> {
    const request = { input, model: this.#model, voice: this.#voice, response_format: 'pcm' as const };
    const response = await this.#client.audio.speech.create(request, signal && { signal });
    return response.arrayBuffer();
  }

  #report(error: unknown): void {
    this.emit('error', {
      type: 'tts_error',
      timestamp: Date.now(),
      label: this.label,
      error: error instanceof Error ? error : new Error(String(error)),
      recoverable: false,
    });
  }
}

/** The agent's voice, spoken sentence by sentence. */
export function createVoice(config: CallConfig, caller: CallerProfile): tts.TTS {
  const client = new OpenAI({
    apiKey: config.OPENAI_TTS_API_KEY ?? config.OPENAI_API_KEY,
    baseURL: config.OPENAI_TTS_BASE_URL ?? config.OPENAI_BASE_URL,
    maxRetries: TTS_RETRIES,
  });
  const voice = new OpenAIVoice(client, config.OPENAI_TTS_MODEL, caller.voice ?? config.OPENAI_TTS_VOICE);
  const adapter = new tts.StreamAdapter(voice, new tokenize.basic.SentenceTokenizer());
  // The session listens while an agent is active; in between, an error without a listener would be thrown.
  adapter.on('error', () => {});
  return adapter;
}

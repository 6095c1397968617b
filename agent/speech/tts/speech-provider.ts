import { OpenAIProvider, type ProviderOptions } from '../providers/openai-provider.ts';
import { toApiError } from '../providers/to-api-error.ts';

/** Hz of OpenAI's `pcm`: 16-bit samples, one channel. */
export const SPEECH_RATE = 24_000;

/** One voice of one provider. */
export class SpeechProvider extends OpenAIProvider {
  readonly #voice: string;

  constructor(options: ProviderOptions & { voice: string }) {
    super(options);
    this.#voice = options.voice;
  }

  /**
   * Speaks a text: samples come while the rest is still being made
   * (https://platform.openai.com/docs/api-reference/audio/createSpeech).
   * @throws APIError
   */
  async *speak(input: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      const response = await this.client.audio.speech.create(
        { input, model: this.model, voice: this.#voice, response_format: 'pcm' },
        { signal },
      );
      if (response.body) yield* response.body;
    } catch (error) {
      throw toApiError(error);
    }
  }
}

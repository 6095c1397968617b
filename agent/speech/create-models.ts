import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import type { CallConfig } from '../../shared/config/variables.ts';

type Voice = NonNullable<NonNullable<ConstructorParameters<typeof openai.TTS>[0]>['voice']>;

export type SpeechConfig = Pick<
  CallConfig,
  | 'DEEPGRAM_API_KEY'
  | 'DEEPGRAM_BASE_URL'
  | 'OPENAI_API_KEY'
  | 'OPENAI_BASE_URL'
  | 'OPENAI_MODEL'
  | 'OPENAI_TTS_API_KEY'
  | 'OPENAI_TTS_BASE_URL'
  | 'OPENAI_TTS_MODEL'
  | 'OPENAI_TTS_VOICE'
>;

/** What hears, thinks and speaks. Only addresses and keys tell a real service from a stand-in. */
export function createModels(config: SpeechConfig) {
  return {
    stt: new deepgram.STT({
      apiKey: config.DEEPGRAM_API_KEY,
      baseUrl: config.DEEPGRAM_BASE_URL.replace(/^http/, 'ws'),
      model: 'nova-3',
      language: 'en-US',
    }),
    llm: new openai.LLM({
      apiKey: config.OPENAI_API_KEY,
      baseURL: config.OPENAI_BASE_URL,
      model: config.OPENAI_MODEL,
    }),
    tts: new openai.TTS({
      apiKey: config.OPENAI_TTS_API_KEY ?? config.OPENAI_API_KEY,
      baseURL: config.OPENAI_TTS_BASE_URL ?? config.OPENAI_BASE_URL,
      model: config.OPENAI_TTS_MODEL,
      // Compatible servers have voices of their own names.
      voice: config.OPENAI_TTS_VOICE as Voice,
    }),
  };
}

import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import type { CallConfig } from '../../shared/config/variables.ts';
import { createVoice } from './create-voice.ts';

/** A recogniser with a connection of its own. */
export function createHearing(config: CallConfig): deepgram.STT {
  return new deepgram.STT({
    apiKey: config.DEEPGRAM_API_KEY,
    baseUrl: config.DEEPGRAM_BASE_URL.replace(/^http/, 'ws'),
    model: 'nova-3',
    language: 'en-US',
  });
}

/** What hears, thinks and speaks. Only addresses and keys tell a real service from a stand-in. */
export function createModels(config: CallConfig) {
  return {
    stt: createHearing(config),
    llm: new openai.LLM({
      apiKey: config.OPENAI_API_KEY,
      baseURL: config.OPENAI_BASE_URL,
      model: config.OPENAI_MODEL,
    }),
    tts: createVoice(config),
  };
}

import { defineAgent } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import { serveBare } from './serve-bare.ts';

const {
  DEEPGRAM_API_KEY = '',
  DEEPGRAM_BASE_URL = '',
  OPENAI_API_KEY = '',
  OPENAI_BASE_URL = '',
} = process.env;

/** A bare agent with the framework's plugins as they are. */
export default defineAgent({
  entry: (ctx) =>
    serveBare(ctx, {
      stt: new deepgram.STT({
        apiKey: DEEPGRAM_API_KEY,
        baseUrl: DEEPGRAM_BASE_URL.replace(/^http/, 'ws'),
        model: 'nova-3',
        language: 'en-US',
      }),
      llm: new openai.LLM({ apiKey: OPENAI_API_KEY, baseURL: OPENAI_BASE_URL, model: 'gpt-4.1-mini' }),
      tts: new openai.TTS({
        apiKey: OPENAI_API_KEY,
        baseURL: OPENAI_BASE_URL,
        model: 'gpt-4o-mini-tts',
        voice: 'echo',
      }),
    }),
});

import { tokenize, tts } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import { OpenAI } from 'openai';
import type { CallConfig } from '../../shared/config/variables.ts';

type TtsOptions = NonNullable<ConstructorParameters<typeof openai.TTS>[0]>;
type Voice = NonNullable<TtsOptions['voice']>;

/** How often the OpenAI client sends a request for speech again before the turn stays silent. */
const TTS_RETRIES = 2;

function createVoice(config: CallConfig): tts.TTS {
  const client = new OpenAI({
    apiKey: config.OPENAI_TTS_API_KEY ?? config.OPENAI_API_KEY,
    baseURL: config.OPENAI_TTS_BASE_URL ?? config.OPENAI_BASE_URL,
    // The plugin's own client never retries, and a failed request is a turn without a word.
    maxRetries: TTS_RETRIES,
  });
  // Compatible servers have voices of their own names.
  const voice = config.OPENAI_TTS_VOICE as Voice;
  const plugin = new openai.TTS({ client, model: config.OPENAI_TTS_MODEL, voice });
  const adapter = new tts.StreamAdapter(plugin, new tokenize.basic.SentenceTokenizer());
  // The session reports the failure; without a listener here each one would be an unhandled rejection too.
  adapter.on('error', () => {});
  return adapter;
}

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

import * as openai from '@livekit/agents-plugin-openai';
import type { CallConfig } from '../../../shared/config/variables.ts';

/** The language model: anything behind OpenAI's chat completions. */
export function createLanguageModel(config: CallConfig): openai.LLM {
  return new openai.LLM({
    apiKey: config.OPENAI_API_KEY,
    baseURL: config.OPENAI_BASE_URL,
    model: config.OPENAI_MODEL,
  });
}

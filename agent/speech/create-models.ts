import type { CallConfig } from '../../shared/config/variables.ts';
import { createHearing } from './hearing/create-hearing.ts';
import { createLanguageModel } from './thinking/create-language-model.ts';
import { createVoice } from './voice/create-voice.ts';

/** What hears, thinks and speaks. Only addresses and keys tell a real service from a stand-in. */
export function createModels(config: CallConfig) {
  return { stt: createHearing(config), llm: createLanguageModel(config), tts: createVoice(config) };
}

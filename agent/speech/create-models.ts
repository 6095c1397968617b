import type { CallConfig } from '../../shared/config/variables.ts';
import type { SpokenCaller } from '../person/spoken-caller.ts';
import { createHearing } from './hearing/create-hearing.ts';
import { createLanguageModel } from './thinking/create-language-model.ts';
import { createVoice } from './voice/create-voice.ts';

/** What hears, thinks and speaks. Only addresses and keys tell a real service from a stand-in. */
export function createModels(
  config: CallConfig,
  caller: SpokenCaller,
  hearing: Parameters<typeof createHearing>[2] = {},
) {
  return {
    stt: createHearing(config, caller, hearing),
    llm: createLanguageModel(config, caller),
    tts: createVoice(config, caller),
  };
}

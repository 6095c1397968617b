import type { CallConfig } from '../../shared/config/variables.ts';
import type { CallerProfile } from '../person/caller-profile.ts';
import { createHearing } from './hearing/create-hearing.ts';
import { createLanguageModel } from './thinking/create-language-model.ts';
import { createVoice } from './voice/create-voice.ts';

/** What hears, thinks and speaks. Only addresses and keys tell a real service from a stand-in. */
export function createModels(config: CallConfig, caller: CallerProfile) {
  return {
    stt: createHearing(config, caller),
    llm: createLanguageModel(config),
    tts: createVoice(config, caller),
  };
}

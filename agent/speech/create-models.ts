import type { CallConfig } from '../../shared/config/variables.ts';
import type { SpokenCaller } from '../person/caller-profile.ts';
import { createLlm } from './llm/llm.ts';
import { createStt } from './stt/stt.ts';
import { createTts } from './tts/tts.ts';

/** What hears, thinks and speaks. Only addresses and keys tell a real service from a stand-in. */
export function createModels(
  config: CallConfig,
  caller: SpokenCaller,
  sttOptions: Parameters<typeof createStt>[2] = {},
) {
  return {
    stt: createStt(config, caller, sttOptions),
    llm: createLlm(config, caller),
    tts: createTts(config, caller),
  };
}

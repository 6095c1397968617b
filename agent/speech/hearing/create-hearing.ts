import * as deepgram from '@livekit/agents-plugin-deepgram';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { CallerProfile } from '../../person/caller-profile.ts';

/** A recogniser with a connection of its own. */
export function createHearing(config: CallConfig, caller: CallerProfile): deepgram.STT {
  return new deepgram.STT({
    apiKey: config.DEEPGRAM_API_KEY,
    baseUrl: config.DEEPGRAM_BASE_URL.replace(/^http/, 'ws'),
    model: 'nova-3',
    language: caller.locale,
  });
}

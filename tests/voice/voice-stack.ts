import { initializeLogger } from '@livekit/agents';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { type CallConfig, callVariables } from '../../shared/config/variables.ts';
import type { TestDatabase } from '../support/database.ts';
import { speechVariables } from '../support/speech-variables.ts';

export type VoiceStack = Awaited<ReturnType<typeof startVoiceStack>>;

/** Real recognition and synthesis for the agent, and a voice and ears for the caller. */
export async function startVoiceStack() {
  initializeLogger({ pretty: false, level: 'silent' });
  const [speech, models]: [SpeechServer, SpeechModels] = await Promise.all([
    startSpeechServer({ deepgramApiKey: 'key', openaiApiKey: 'key' }),
    startSpeechModels(),
  ]);
  return {
    speech,
    models,
    config(database: TestDatabase, variables: Readonly<Record<string, string>> = {}): CallConfig {
      return loadConfig(callVariables, { ...speechVariables(database, speech), ...variables });
    },
    async close() {
      await models.close();
      await speech.close();
    },
  };
}

type Window = { reason: string; billed: boolean; from_ms: number; to_ms: number };

/** The stored receipt of a call, with its windows as `reason billed|free`, and how long each took. */
export async function readReceipt(database: TestDatabase, callId: string) {
  const [row] = await database.sql`select receipt from public.voice_sessions where id = ${callId}`;
  const receipt: {
    windows: Window[];
    used_ms: number;
    restored_ms: number;
    charged_seconds: number;
    balance_seconds: number;
    end_reason: string;
  } = row?.receipt;
  return {
    ...receipt,
    story: receipt.windows.map(({ reason, billed }) => `${reason} ${billed ? 'billed' : 'free'}`),
    lengthsMs: receipt.windows.map(({ from_ms, to_ms }) => to_ms - from_ms),
  };
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCall } from '../../agent/create-call.ts';
import { readCallerProfile } from '../../agent/person/read-caller-profile.ts';
import { Ear } from '../../local/caller/ear.ts';
import { createInProcessLine } from '../../local/caller/in-process-line.ts';
import { joinRoom } from '../../local/caller/room-caller.ts';
import type { SpeechModels } from '../../local/speech/models/models.ts';
import { callRoomName } from '../../shared/api/calls.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { patience } from '../support/patience.ts';

/** Silence that ends what the agent says; its sentences are closer together than that. */
const PAUSE_MS = 1300;

/** A caller with a voice and ears, whatever line they are on. */
function voiceAndEars(
  models: SpeechModels,
  ear: Ear,
  speak: (samples: Int16Array, sampleRate: number) => Promise<void>,
) {
  const hear = async (): Promise<string> => {
    const utterance = await ear.next(patience(25_000));
    return utterance ? models.transcribe(utterance.samples, utterance.sampleRate) : '';
  };
  return {
    async say(text: string): Promise<void> {
      const { pcm, sampleRate } = await models.synthesize(text, 'rms');
      await speak(pcm, sampleRate);
    },
    /** What the agent says next, written down; '' when it says nothing. */
    async hear(): Promise<string> {
      return hear();
    },
    /**
     * What the agent says until it matches: on a busy machine a sentence comes in pieces, or behind the one before.
     * @throws Error with what was heard, when the agent says nothing more
     */
    async hearUntil(pattern: RegExp): Promise<string> {
      let heard = '';
      for (;;) {
        const next = await hear();
        heard = `${heard} ${next}`.trim();
        if (pattern.test(heard)) return heard;
        if (next === '') throw new Error(`Heard "${heard}", and not ${pattern}`);
      }
    },
    /** Waits for the silence behind the last words of a line that is closed and carries none itself. */
    async fallSilent(): Promise<void> {
      await sleep(PAUSE_MS);
      ear.listen(new Int16Array(480), 24_000);
    },
  };
}

/** A caller with a voice and ears in the room that a token is for. */
export async function joinAsCaller(models: SpeechModels, serverUrl: string, token: string) {
  const ear = new Ear(PAUSE_MS);
  const { speak, hangUp } = await joinRoom(serverUrl, token, ear.listen);
  return { ...voiceAndEars(models, ear, speak), hangUp };
}

/** A spoken call in this process: real recognition, synthesis, tools, meter and database; only the room is missing. */
export async function startSpokenCall(config: CallConfig, models: SpeechModels, userId: string) {
  const ear = new Ear(PAUSE_MS);
  const { line, caller, microphone, speaker, setPresence } = createInProcessLine(ear.listen);
  const callId = randomUUID();
  const database = createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY);
  const logger = createLogger('call', 'error');
  const { call, session, remember } = await createCall({
    config,
    ticket: { callId, userId, roomName: callRoomName(callId) },
    database,
    caller: await readCallerProfile(database, userId, logger),
    line,
    media: {
      turnDetection: 'vad',
      attach(session) {
        session.input.audio = microphone ?? null;
        session.output.audio = speaker ?? null;
        return {};
      },
    },
    logger,
  });
  const ended = call.run();
  return {
    call,
    callId,
    caller,
    ended,
    remember,
    session,
    setPresence,
    ...voiceAndEars(models, ear, caller.speak),
  };
}

import { randomUUID } from 'node:crypto';
import { initializeLogger } from '@livekit/agents';
import { createCall } from '../../agent/create-call.ts';
import { readCallerProfile } from '../../agent/person/read-caller-profile.ts';
import type { AudioListener, SyntheticCaller } from '../../local/caller/caller.ts';
import { createInProcessLine } from '../../local/caller/in-process-line.ts';
import { joinRoom } from '../../local/caller/room-caller.ts';
import { callRoomName, type TokenResponse } from '../../shared/api/calls.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { callConfig } from '../configuration/call-config.ts';
import { ask, type Person } from '../customer/ask-sidecar.ts';
import type { Stack } from './start-stack.ts';

/** Calls the agent through the real media server: a token from the sidecar, then the room. */
export async function callThroughRoom(
  stack: Stack,
  person: Person,
  onAudio: AudioListener,
): Promise<SyntheticCaller> {
  const token = await ask<TokenResponse>(stack.status, person, '/token', {});
  return joinRoom(token.server_url, token.participant_token, onAudio);
}

/** Calls the agent without a media server: the same call code, in this process, on an in-process line. */
export async function callInProcess(
  stack: Stack,
  person: Person,
  onAudio: AudioListener,
): Promise<SyntheticCaller> {
  const config = callConfig(stack.home, {});
  initializeLogger({ pretty: false, level: 'error' });
  const { line, caller, microphone, speaker } = createInProcessLine(onAudio);
  const callId = randomUUID();
  const database = createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY);
  const logger = createLogger('call', config.LOG_LEVEL);
  const { call, remember } = await createCall({
    config,
    ticket: { callId, userId: person.id, roomName: callRoomName(callId) },
    database,
    line,
    caller: await readCallerProfile(database, person.id, logger),
    logger,
    media: {
      // The turn detection model needs the worker's inference process.
      turnDetection: 'vad',
      attach(session) {
        session.input.audio = microphone ?? null;
        session.output.audio = speaker ?? null;
        return {};
      },
    },
  });
  const ended = call.run();
  return {
    ...caller,
    async hangUp() {
      await caller.hangUp();
      await ended;
      await remember();
    },
  };
}

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Room } from '@livekit/rtc-node';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { createCall } from '../../agent/call/create-call.ts';
import { lookIntoRoom } from '../../agent/call/look-for-caller.ts';
import { roomLine } from '../../agent/call/room-line.ts';
import { Ear } from '../../local/caller/ear.ts';
import { joinRoom } from '../../local/caller/room-caller.ts';
import { freePort } from '../../local/free-port.ts';
import { startLiveKitServer } from '../../local/livekit/start-livekit-server.ts';
import type { SpeechModels } from '../../local/speech/models.ts';
import { callerIdentity, callRoomName } from '../../shared/api/calls.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { voiceAndEars } from '../agent/spoken-call.ts';

const API_KEY = 'APIstandintest';
const API_SECRET = `standin${'x'.repeat(40)}`;
const PAUSE_MS = 1300;

function token(identity: string, room: string): Promise<string> {
  const access = new AccessToken(API_KEY, API_SECRET, { identity, ttl: 600 });
  access.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true });
  return access.toJwt();
}

/**
 * A media server for calls whose agent is in this process, and so can be looked into.
 * @param binary of the media server
 */
export async function startRoomCalls(binary: string, models: SpeechModels) {
  const dataDir = mkdtempSync(join(tmpdir(), 'mindbot-room-'));
  const port = await freePort();
  const livekit = await startLiveKitServer({ binary, port, apiKey: API_KEY, apiSecret: API_SECRET, dataDir });
  return {
    async startCall(callConfig: CallConfig, userId: string) {
      const config = {
        ...callConfig,
        LIVEKIT_URL: livekit.url,
        LIVEKIT_API_KEY: API_KEY,
        LIVEKIT_API_SECRET: API_SECRET,
      };
      const callId = randomUUID();
      const roomName = callRoomName(callId);
      const identity = callerIdentity(userId);
      const rooms = new RoomServiceClient(livekit.url.replace(/^ws/, 'http'), API_KEY, API_SECRET);
      const room = new Room();
      const logger = createLogger('call', 'error');
      await room.connect(livekit.url, await token('agent', roomName), {
        autoSubscribe: true,
        dynacast: false,
      });
      const line = roomLine({ room, deleteRoom: () => rooms.deleteRoom(roomName) }, identity, {
        look: lookIntoRoom(config, roomName, identity),
        lookEveryMs: 10_000,
        deadLineMs: 0,
        clock: systemClock,
        logger,
      });
      const { call, session } = await createCall({
        config,
        ticket: { callId, userId, roomName },
        database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
        line,
        media: {
          turnDetection: 'vad',
          attach: () => ({
            room,
            inputOptions: { participantIdentity: identity, closeOnDisconnect: false },
          }),
        },
        logger,
      });
      const ended = call.run();
      const ear = new Ear(PAUSE_MS);
      const caller = await joinRoom(livekit.url, await token(identity, roomName), ear.listen);
      return {
        call,
        callId,
        ended,
        session,
        ...voiceAndEars(models, ear, caller.speak),
        async hangUp() {
          await caller.hangUp();
          const end = await ended;
          await room.disconnect();
          return end;
        },
      };
    },
    async close() {
      await livekit.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

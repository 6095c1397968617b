import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Room } from '@livekit/rtc-node';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { createCall } from '../../agent/call/create-call.ts';
import type { Presence } from '../../agent/call/line.ts';
import { lookIntoRoom } from '../../agent/call/look-for-caller.ts';
import { roomLine } from '../../agent/call/room-line.ts';
import { freePort } from '../../local/free-port.ts';
import { startLiveKitServer } from '../../local/livekit/start-livekit-server.ts';
import { callerIdentity, callRoomName } from '../../shared/api/calls.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { until } from '../agent/worker-process.ts';
import { createTestDatabase } from '../support/database.ts';
import { giveTime } from '../time/people.ts';
import { startVoiceStack } from '../voice/voice-stack.ts';

const API_KEY = 'APIstandintest';
const API_SECRET = `standin${'x'.repeat(40)}`;
const LONE_CALLER = fileURLToPath(new URL('../agent/lone-caller.ts', import.meta.url));

function token(identity: string, room: string): Promise<string> {
  const access = new AccessToken(API_KEY, API_SECRET, { identity, ttl: 600 });
  access.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true });
  return access.toJwt();
}

/** The agent in this process, whose clock is the test's, and a caller in another one, who can be stopped. */
async function startCall(config: CallConfig & Parameters<typeof lookIntoRoom>[0], userId: string) {
  const callId = randomUUID();
  const roomName = callRoomName(callId);
  const identity = callerIdentity(userId);
  const rooms = new RoomServiceClient(config.LIVEKIT_URL.replace(/^ws/, 'http'), API_KEY, API_SECRET);
  const room = new Room();
  await room.connect(config.LIVEKIT_URL, await token('agent', roomName), {
    autoSubscribe: true,
    dynacast: false,
  });
  const caller = spawn(process.execPath, [LONE_CALLER, config.LIVEKIT_URL, await token(identity, roomName)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(caller.stdout, 'data');
  const line = roomLine({ room, deleteRoom: () => rooms.deleteRoom(roomName) }, identity, {
    look: lookIntoRoom(config, roomName, identity),
    lookEveryMs: 1000,
    deadLineMs: config.DEAD_LINE_MS,
    clock: systemClock,
    logger: createLogger('call', 'error'),
  });
  const heard: { presence: Presence; atMs: number }[] = [];
  line.onPresence((presence) => heard.push({ presence, atMs: performance.now() }));
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
    logger: createLogger('call', 'error'),
  });
  const ended = call.run();
  const billedMs = () => (call.meter?.usedMs() ?? 0) - (call.meter?.restoredMs() ?? 0);
  await until('the agent has spoken', () => billedMs() > 1000);
  // Before that the caller has come.
  heard.length = 0;
  return {
    callId,
    session,
    ended,
    heard,
    billedMs,
    stop: () => caller.kill('SIGSTOP'),
    goOn: () => caller.kill('SIGCONT'),
    removeRoom: () => rooms.deleteRoom(roomName),
    async close() {
      caller.kill('SIGKILL');
      await room.disconnect();
    },
  };
}

/**
 * A media server, a database and speech, for calls whose caller can be stopped.
 * @param binary of the media server
 */
export async function startStoppableCalls(
  binary: string,
  { deadLineMs, graceSeconds }: { deadLineMs: number; graceSeconds: number },
) {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-dead-line-'));
  const port = await freePort();
  const options = { binary, port, apiKey: API_KEY, apiSecret: API_SECRET, dataDir: folder };
  const [stack, db, livekit] = await Promise.all([
    startVoiceStack(),
    createTestDatabase(),
    startLiveKitServer(options),
  ]);
  return {
    db,
    async startCall() {
      const { id: userId } = await db.signUp();
      await giveTime(db.sql, userId, 3600);
      const config = {
        ...stack.config(db, {
          RECONNECT_GRACE_SECONDS: String(graceSeconds),
          DEAD_LINE_MS: String(deadLineMs),
        }),
        LIVEKIT_URL: livekit.url,
        LIVEKIT_API_KEY: API_KEY,
        LIVEKIT_API_SECRET: API_SECRET,
      };
      return startCall(config, userId);
    },
    async close(): Promise<void> {
      await livekit.stop();
      await stack.close();
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { voice } from '@livekit/agents';
import { Room } from '@livekit/rtc-node';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCall } from '../../agent/call/create-call.ts';
import type { Presence } from '../../agent/call/line.ts';
import { lookIntoRoom } from '../../agent/call/look-for-caller.ts';
import { roomLine } from '../../agent/call/room-line.ts';
import { freePort } from '../../local/free-port.ts';
import { findLiveKitServer } from '../../local/livekit/find-livekit-server.ts';
import { type LiveKitServer, startLiveKitServer } from '../../local/livekit/start-livekit-server.ts';
import { callerIdentity, callRoomName } from '../../shared/api/calls.ts';
import { systemClock } from '../../shared/clock.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { until } from '../agent/worker-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { giveTime, violations } from '../time/people.ts';
import { readReceipt, startVoiceStack, type VoiceStack } from '../voice/voice-stack.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

const API_KEY = 'APIstandintest';
const API_SECRET = `standin${'x'.repeat(40)}`;
const LONE_CALLER = fileURLToPath(new URL('../agent/lone-caller.ts', import.meta.url));

/** REAL_TIME=1 waits as long as the product says; else as short as a dead line can be noticed. */
const [DEAD_LINE_MS, GRACE_SECONDS, SHORT_MS, LONG_MS] = process.env.REAL_TIME
  ? [4000, 30, 10_000, 40_000]
  : [2000, 8, 6000, 11_000];
const LONG_STORY = 'This is said to somebody who is not there, and nobody hears how it goes on. '.repeat(5);
/** Packets come every 400 ms in silence, and a look at them every second when nothing is amiss. */
const RESOLUTION_MS = 400;
const LATENESS_MS = 1500;

const binary = findLiveKitServer(process.env, process.env.MINDBOT_HOME || '.mindbot');
if (binary === null) {
  console.log('No livekit-server here: dead lines are not tested. ./launch.sh setup finds or builds one.');
}

describe.skipIf(binary === null)('a line that dies without a word', { timeout: 120_000 }, () => {
  let folder: string;
  let stack: VoiceStack;
  let db: TestDatabase;
  let livekit: LiveKitServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mindbot-dead-line-'));
    const port = await freePort();
    const options = { binary: binary ?? '', port, apiKey: API_KEY, apiSecret: API_SECRET, dataDir: folder };
    [stack, db, livekit] = await Promise.all([
      startVoiceStack(),
      createTestDatabase(),
      startLiveKitServer(options),
    ]);
  });
  afterAll(async () => {
    await livekit?.stop();
    await stack?.close();
    await db?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function token(identity: string, room: string): Promise<string> {
    const access = new AccessToken(API_KEY, API_SECRET, { identity, ttl: 600 });
    access.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true });
    return access.toJwt();
  }

  /** The agent in this process, whose clock is the test's, and a caller in another one, who can be stopped. */
  async function call() {
    const { id: userId } = await db.signUp();
    await giveTime(db.sql, userId, 3600);
    const config = {
      ...stack.config(db, {
        RECONNECT_GRACE_SECONDS: String(GRACE_SECONDS),
        DEAD_LINE_MS: String(DEAD_LINE_MS),
      }),
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: API_KEY,
      LIVEKIT_API_SECRET: API_SECRET,
    };
    const callId = randomUUID();
    const roomName = callRoomName(callId);
    const identity = callerIdentity(userId);
    const rooms = new RoomServiceClient(livekit.url.replace(/^ws/, 'http'), API_KEY, API_SECRET);
    const room = new Room();
    await room.connect(livekit.url, await token('agent', roomName), { autoSubscribe: true, dynacast: false });
    const caller = spawn(process.execPath, [LONE_CALLER, livekit.url, await token(identity, roomName)], {
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

  it(`for ${SHORT_MS} ms: the same call goes on, and the gap is free`, async () => {
    const { billedMs, callId, close, ended, goOn, heard, removeRoom, session, stop } = await call();
    let begun = 0;
    session.on(voice.AgentSessionEventTypes.AgentStateChanged, ({ newState }) => {
      if (newState === 'speaking') begun++;
    });
    const isSilent = () => session.agentState === 'listening';
    const [stoppedAtMs, billedBeforeMs] = [performance.now(), billedMs()];
    session.say(LONG_STORY);
    stop();
    await until('it is noticed', () => heard.length > 0);
    await until('the agent falls silent', isSilent, 2000);
    const begunBefore = begun;
    session.say(LONG_STORY);
    await until('the agent begins again', () => begun > begunBefore);
    await until('the agent falls silent again', isSilent, 1000);
    await sleep(stoppedAtMs + SHORT_MS - performance.now());
    const gapBilledMs = billedMs() - billedBeforeMs;
    const backAtMs = performance.now();
    goOn();
    await until('the caller is back', () => heard.length > 1);
    const freeAfterMs = performance.now() - backAtMs;
    await sleep(2000);
    await removeRoom();
    const { reason, usedMs } = await ended;
    await close();
    const receipt = await readReceipt(db, callId);
    const noticedAfterMs = (heard[0]?.atMs ?? 0) - stoppedAtMs;
    console.log(
      `noticed after ${Math.round(noticedAfterMs)} ms, billed ${gapBilledMs} ms of the gap,`,
      `back after ${Math.round(freeAfterMs)} ms`,
      receipt.story,
      receipt.lengthsMs,
    );
    expect(heard.slice(0, 2).map(({ presence }) => presence)).toEqual(['cut', 'present']);
    expect(reason).toBe('caller_hung_up');
    expect(gapBilledMs).toBeLessThanOrEqual(RESOLUTION_MS);
    expect(gapBilledMs).toBeGreaterThanOrEqual(-LATENESS_MS);
    expect(receipt.story).toEqual(['connecting free', 'talking billed', 'line_down free', 'talking billed']);
    expect(receipt.lengthsMs[2]).toBeGreaterThanOrEqual(SHORT_MS - RESOLUTION_MS);
    expect(receipt.lengthsMs[2]).toBeLessThan(SHORT_MS + LATENESS_MS);
    expect(usedMs - receipt.restored_ms).toBe((receipt.lengthsMs[1] ?? 0) + (receipt.lengthsMs[3] ?? 0));
    expect(await violations(db.sql)).toEqual([]);
  });

  it(`for ${LONG_MS} ms: the call ends, billed up to the cut`, async () => {
    const { billedMs, callId, close, ended, heard, stop } = await call();
    const [stoppedAtMs, billedBeforeMs] = [performance.now(), billedMs()];
    stop();
    const { reason, usedMs } = await ended;
    const endedAfterMs = performance.now() - stoppedAtMs;
    await close();
    const receipt = await readReceipt(db, callId);
    const gapBilledMs = usedMs - receipt.restored_ms - billedBeforeMs;
    console.log(
      `noticed after ${Math.round((heard[0]?.atMs ?? 0) - stoppedAtMs)} ms, billed ${gapBilledMs} ms of the gap,`,
      `ended after ${Math.round(endedAfterMs)} ms`,
      receipt.story,
      receipt.lengthsMs,
    );
    expect(reason).toBe('line_lost');
    expect(heard[0]?.presence).toBe('cut');
    expect(endedAfterMs).toBeLessThan(LONG_MS);
    expect(gapBilledMs).toBeLessThanOrEqual(RESOLUTION_MS);
    expect(gapBilledMs).toBeGreaterThanOrEqual(-LATENESS_MS);
    expect(receipt.story).toEqual(['connecting free', 'talking billed', 'line_down free']);
    expect(usedMs - receipt.restored_ms).toBe(receipt.lengthsMs[1]);
    expect(await violations(db.sql)).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AccessToken, RoomAgentDispatch, RoomConfiguration, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Ear } from '../../local/caller/ear.ts';
import { joinRoom } from '../../local/caller/room-caller.ts';
import { freePort } from '../../local/free-port.ts';
import { findLiveKitServer } from '../../local/livekit/find-livekit-server.ts';
import { type LiveKitServer, startLiveKitServer } from '../../local/livekit/start-livekit-server.ts';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { AGENT_NAME, callerIdentity, callRoomName } from '../../shared/api/calls.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { giveTime, lapse, violations } from '../time/people.ts';
import { voiceAndEars } from './spoken-call.ts';
import { startWorker, until, type Worker } from './worker-process.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

const API_KEY = 'APIstandintest';
const API_SECRET = `standin${'x'.repeat(40)}`;
const binary = findLiveKitServer(process.env, process.env.MINDBOT_HOME || '.mindbot');
if (binary === null) {
  console.log('No livekit-server here: the worker is not tested. ./launch.sh setup finds or builds one.');
}

describe.skipIf(binary === null)('a worker at a real media server', { timeout: 60_000 }, () => {
  let db: TestDatabase;
  let livekit: LiveKitServer;
  let speech: SpeechServer;
  let models: SpeechModels;
  let worker: Worker;
  let folder: string;
  let startMediaServer: () => Promise<LiveKitServer>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mindbot-worker-'));
    const address = { port: await freePort(), apiKey: API_KEY, apiSecret: API_SECRET };
    startMediaServer = () => startLiveKitServer({ binary: binary ?? '', dataDir: folder, ...address });
    [db, speech, models, livekit] = await Promise.all([
      createTestDatabase(),
      startSpeechServer({ deepgramApiKey: 'key', openaiApiKey: 'key' }),
      startSpeechModels(),
      startMediaServer(),
    ]);
    worker = await startWorker({
      ENVIRONMENT: 'test',
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: API_KEY,
      LIVEKIT_API_SECRET: API_SECRET,
      SUPABASE_URL: db.gateway.url,
      SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
      OPENAI_API_KEY: 'key',
      OPENAI_BASE_URL: `${speech.url}/v1`,
      DEEPGRAM_API_KEY: 'key',
      DEEPGRAM_BASE_URL: speech.url,
      SLICE_SECONDS: '5',
      NODE_ENV: 'production',
    });
    await until('the worker is registered', async () => (await worker.health())?.status === 200);
  });
  afterAll(async () => {
    await worker?.kill();
    await livekit?.stop();
    await models?.close();
    await speech?.close();
    await db?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function token(userId: string, callId: string): Promise<string> {
    const access = new AccessToken(API_KEY, API_SECRET, { identity: callerIdentity(userId), ttl: 600 });
    const name = callRoomName(callId);
    access.addGrant({
      room: name,
      roomJoin: true,
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
    });
    const metadata = JSON.stringify({ call_id: callId, user_id: userId });
    access.roomConfig = new RoomConfiguration({
      name,
      agents: [new RoomAgentDispatch({ agentName: AGENT_NAME, metadata })],
    });
    return access.toJwt();
  }

  /** Somebody with an hour calls. */
  async function callIn() {
    const { id } = await db.signUp();
    await giveTime(db.sql, id, 3600);
    const callId = randomUUID();
    const ear = new Ear(1300);
    const caller = await joinRoom(livekit.url, await token(id, callId), ear.listen);
    return { callId, ...caller, ...voiceAndEars(models, ear, caller.speak) };
  }

  async function callOf(callId: string) {
    const [row] = await db.sql`select * from public.voice_sessions where id = ${callId}`;
    return row;
  }

  const settled = (callId: string) =>
    until('the call is settled', async () => {
      const call = await callOf(callId);
      return call?.status === 'settled' && call;
    });

  const reported = (callId: string) =>
    until('use is reported', async () => Number((await callOf(callId))?.used_ms ?? 0) > 0);

  it('greets whoever calls, and bills the call when they hang up', async () => {
    const { callId, hear, hangUp } = await callIn();
    expect(await hear()).toMatch(/mind ?bot.*(1|one) hour/i);
    expect((await worker.health())?.body).toMatchObject({ status: 'ok', active_calls: 1 });
    await hangUp();
    const call = await settled(callId);
    expect(call).toMatchObject({ settled_by: 'worker', end_reason: 'caller_hung_up' });
    expect(call.charged_seconds).toBe(Math.floor(Number(call.used_ms) / 1000));
    expect(call.charged_seconds).toBeGreaterThan(2);
    expect(call.receipt.windows.map(({ reason }: { reason: string }) => reason)).toEqual([
      'connecting',
      'talking',
    ]);
    await until('the worker counts the call', async () =>
      (await worker.metrics()).includes(
        'mindbot_calls_ended_total{reason="caller_hung_up",settled="true"} 1',
      ),
    );
    expect(await violations(db.sql)).toEqual([]);
  });

  it('leaves a call whose process is killed to the reaper, which bills what was reported', async () => {
    const { callId, hear, hangUp } = await callIn();
    await hear();
    await reported(callId);
    process.kill(worker.oldestJob(), 'SIGKILL');
    await until('the caller is alone', async () => (await worker.health())?.body.active_calls === 0);
    const left = await callOf(callId);
    expect(left).toMatchObject({ status: 'open' });
    expect(await db.service.rpc('reap_calls')).toMatchObject({ data: [] });
    await lapse(db.sql, callId);
    expect(await db.service.rpc('reap_calls')).toMatchObject({ data: [callId] });
    const call = await callOf(callId);
    expect(call).toMatchObject({ status: 'settled', settled_by: 'reaper', used_ms: left?.used_ms });
    expect(call?.charged_seconds).toBe(Math.floor(Number(left?.used_ms) / 1000));
    expect(await violations(db.sql)).toEqual([]);
    await hangUp();
  });

  it('waits, free of charge, for a caller whose machine dies, and goes on when they are back', {
    timeout: 90_000,
  }, async () => {
    const { id } = await db.signUp();
    await giveTime(db.sql, id, 3600);
    const callId = randomUUID();
    const ticket = await token(id, callId);
    const script = fileURLToPath(new URL('./lone-caller.ts', import.meta.url));
    const lone = spawn(process.execPath, [script, livekit.url, ticket], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const rooms = new RoomServiceClient(livekit.url.replace(/^ws/, 'http'), API_KEY, API_SECRET);
    const meter = async () => {
      const participants = await rooms.listParticipants(callRoomName(callId));
      return participants.map(({ attributes }) => attributes['mindbot.meter']).find(Boolean);
    };
    await until('the call is running', async () => (await meter()) === 'running');
    lone.kill('SIGKILL');
    const killedAtMs = performance.now();
    await until('the call is paused', async () => (await meter()) === 'paused', 40_000);
    console.log(`a dead caller was noticed after ${Math.round(performance.now() - killedAtMs)} ms`);
    const ear = new Ear(1300);
    const caller = await joinRoom(livekit.url, ticket, ear.listen);
    const { hear, say } = voiceAndEars(models, ear, caller.speak);
    // The first word may be lost while the line is being set up.
    expect(await hear()).toMatch(/please go on/i);
    await say('How much time do I have left?');
    expect(await hear()).toMatch(/59 minutes|fifty[- ]nine minutes/i);
    await caller.hangUp();
    const { receipt, charged_seconds, used_ms, restored_ms } = await settled(callId);
    expect(receipt.windows.map(({ reason }: { reason: string }) => reason)).toEqual([
      'connecting',
      'talking',
      'line_down',
      'talking',
    ]);
    // What had been counted before the dead line was noticed is given back.
    expect(Number(restored_ms)).toBeGreaterThan(3000);
    expect(charged_seconds).toBe(Math.floor((Number(used_ms) - Number(restored_ms)) / 1000));
    expect(await violations(db.sql)).toEqual([]);
  });

  it('says that it cannot be called while the media server is gone, and is back with it', async () => {
    await livekit.stop();
    const gone = await until('it is not ready', async () => {
      const health = await worker.health();
      return health?.status === 503 && health.body;
    });
    expect(gone).toMatchObject({ status: 'unavailable', checks: { livekit: 'not connected' } });
    livekit = await startMediaServer();
    await until('it is ready again', async () => (await worker.health())?.status === 200);
  });

  it('has no failure that nobody handles', async () => {
    expect(await worker.metrics()).toContain('mindbot_unhandled_rejections_total 0');
  });

  it('takes the next call after that, and on SIGTERM lets it end before it goes', async () => {
    const { callId, hear, say } = await callIn();
    expect(await hear()).toMatch(/(1|one) hour/i);
    worker.terminate();
    await until('it takes no new calls', async () => (await worker.health())?.body.status === 'draining');
    await say('How much time do I have left?');
    expect(await hear()).toMatch(/59 minutes|fifty[- ]nine minutes/i);
    await say('Goodbye.');
    expect(await hear()).toMatch(/thank you for calling/i);
    expect(await settled(callId)).toMatchObject({ settled_by: 'worker', end_reason: 'said_goodbye' });
    expect(await worker.exited).toBe(0);
    expect(await violations(db.sql)).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessToken, RoomAgentDispatch, RoomConfiguration } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Ear } from '../../local/caller/ear.ts';
import { joinRoom } from '../../local/caller/room-caller.ts';
import { freePort } from '../../local/free-port.ts';
import { findLiveKitServer } from '../../local/livekit/find-livekit-server.ts';
import { type LiveKitServer, startLiveKitServer } from '../../local/livekit/start-livekit-server.ts';
import { AGENT_NAME, callerIdentity, callRoomName } from '../../shared/api/calls.ts';
import { voiceAndEars } from '../agent/spoken-call.ts';
import { startWorker, until, type Worker } from '../agent/worker-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { giveTime } from '../time/people.ts';
import { startVoiceStack, type VoiceStack } from '../voice/voice-stack.ts';
import { startOtlpReceiver } from './otlp-receiver.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

const KEYS = { apiKey: 'APIstandintest', apiSecret: `standin${'x'.repeat(40)}` };
const binary = findLiveKitServer(process.env, process.env.MINDBOT_HOME || '.mindbot');

describe.skipIf(binary === null)('a call at a real media server', () => {
  let db: TestDatabase;
  let stack: VoiceStack;
  let livekit: LiveKitServer;
  let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
  let worker: Worker;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mindbot-measured-'));
    const port = await freePort();
    [db, stack, receiver, livekit] = await Promise.all([
      createTestDatabase(),
      startVoiceStack(),
      startOtlpReceiver(),
      startLiveKitServer({ binary: binary ?? '', port, ...KEYS, dataDir: folder }),
    ]);
    worker = await startWorker({
      ENVIRONMENT: 'test',
      NODE_ENV: 'production',
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: KEYS.apiKey,
      LIVEKIT_API_SECRET: KEYS.apiSecret,
      SUPABASE_URL: db.gateway.url,
      SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
      OPENAI_API_KEY: 'key',
      OPENAI_BASE_URL: `${stack.speech.url}/v1`,
      DEEPGRAM_API_KEY: 'key',
      DEEPGRAM_BASE_URL: stack.speech.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    });
    await until('the worker is registered', async () => (await worker.health())?.status === 200);
  }, 60_000);
  afterAll(async () => {
    await worker?.kill();
    await livekit?.stop();
    await stack?.close();
    await db?.close();
    receiver?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is measured in the books, at the worker and in its traces, and nothing that was said is in them', async () => {
    const { id } = await db.signUp();
    await giveTime(db.sql, id, 3600);
    const callId = randomUUID();
    const room = callRoomName(callId);
    const access = new AccessToken(KEYS.apiKey, KEYS.apiSecret, { identity: callerIdentity(id), ttl: 600 });
    access.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true });
    const metadata = JSON.stringify({ call_id: callId, user_id: id });
    access.roomConfig = new RoomConfiguration({
      name: room,
      agents: [new RoomAgentDispatch({ agentName: AGENT_NAME, metadata })],
    });
    const ear = new Ear(1300);
    const caller = await joinRoom(livekit.url, await access.toJwt(), ear.listen);
    const { hear, say } = voiceAndEars(stack.models, ear, caller.speak);
    await hear();
    await say('How much time do I have left?');
    expect(await hear()).toMatch(/59 minutes|fifty[- ]nine minutes/i);
    await caller.hangUp();

    const row = await until('the call is settled', async () => {
      const [call] = await db.sql`select * from public.voice_sessions where id = ${callId}`;
      return call?.status === 'settled' && call;
    });
    expect(row).toMatchObject({ settled_by: 'worker', turns: 1, errors: 0, provider_cost_micros: '0' });
    expect(row.latency_p50_ms).toBeGreaterThan(0);
    expect(row.measures.parts.end_of_turn.count).toBe(1);
    await until('the worker has it', async () =>
      (await worker.metrics()).includes('mindbot_call_quality_count 1'),
    );
    const metrics = await worker.metrics();
    expect(metrics).toContain('mindbot_turn_latency_seconds_count 1');
    expect(metrics).toContain('mindbot_turn_part_seconds_count{part="tts_first_byte"} 1');
    await until('the traces have all of it', () => receiver.bytes().includes('agent_session'));
    for (const name of [callId, 'mindbot-agent', 'user_turn', 'llm_node', 'tts_node', 'check_time_balance']) {
      expect.soft(receiver.bytes(), name).toContain(name);
    }
    expect(receiver.bytes()).not.toMatch(/how much time|minutes|lk\.pii/i);
    expect(worker.log()).not.toContain('traces not sent');
  }, 90_000);
});

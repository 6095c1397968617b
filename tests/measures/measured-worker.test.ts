import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../agent/worker-process.ts';
import { mediaServerBinary, needsMediaServer } from '../support/media-server.ts';
import { startWorkerScene, type WorkerScene } from '../voice/worker-scene.ts';
import { startOtlpReceiver } from './otlp-receiver.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

describe.skipIf(mediaServerBinary === null)('a call at a real media server', needsMediaServer, () => {
  let scene: WorkerScene;
  let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    scene = await startWorkerScene(mediaServerBinary ?? '', {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    });
  });
  afterAll(async () => {
    await scene?.close();
    receiver?.close();
  });

  it('is measured in the books, at the worker and in its traces, and nothing that was said is in them', async () => {
    const { worker } = scene;
    const { callId, hear, hearUntil, say, hangUp } = await scene.callIn(await scene.person());
    await hear();
    await say('How much time do I have left?');
    await hearUntil(/59 minutes|fifty[- ]nine minutes/i);
    await hangUp();

    const row = await scene.settled(callId);
    expect(row).toMatchObject({ settled_by: 'worker', turns: 1, errors: 0, provider_cost_micros: 0 });
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
  });
});

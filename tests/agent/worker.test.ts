import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { callRoomName } from '../../shared/api/calls.ts';
import { callerToken, mediaServerBinary, needsMediaServer } from '../support/media-server.ts';
import { lapse, violations } from '../time/people.ts';
import { startWorkerScene, type WorkerScene } from '../voice/worker-scene.ts';
import { until } from './worker-process.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

/** More of use than lies between two packets of a caller, on a busy machine as well. */
const SURELY_HERE_MS = 2000;

describe.skipIf(mediaServerBinary === null)('a worker at a real media server', needsMediaServer, () => {
  let scene: WorkerScene;
  beforeAll(async () => {
    scene = await startWorkerScene(mediaServerBinary ?? '', { SLICE_SECONDS: '5' });
  });
  afterAll(() => scene?.close());

  const reported = (callId: string) =>
    until('use is reported', async () => Number((await scene.callOf(callId))?.used_ms ?? 0) > 0);

  it('greets whoever calls, and bills the call when they hang up', async () => {
    const { callId, hearUntil, hangUp } = await scene.callIn(await scene.person());
    await hearUntil(/mind ?bot.*(1|one) hour/i);
    expect((await scene.worker.health())?.body).toMatchObject({ status: 'ok', active_calls: 1 });
    expect(scene.worker.jobOf(callId)).toBeDefined();
    await hangUp();
    const call = await scene.settled(callId);
    expect(call).toMatchObject({ settled_by: 'worker', end_reason: 'caller_hung_up' });
    expect(call.charged_seconds).toBe(Math.floor(Number(call.used_ms) / 1000));
    expect(call.charged_seconds).toBeGreaterThan(2);
    expect(call.receipt.windows.map(({ reason }: { reason: string }) => reason)).toEqual([
      'connecting',
      'talking',
    ]);
    await until('the worker counts the call', async () =>
      (await scene.worker.metrics()).includes(
        'mindbot_calls_ended_total{reason="caller_hung_up",settled="true"} 1',
      ),
    );
    await until('the process of the call has ended', () => scene.worker.jobOf(callId) === undefined);
    expect(await violations(scene.db.sql)).toEqual([]);
  });

  it('leaves a call whose process is killed to the reaper, which bills what was reported', async () => {
    const { callId, hear, hangUp } = await scene.callIn(await scene.person());
    await hear();
    await reported(callId);
    process.kill(Number(scene.worker.jobOf(callId)), 'SIGKILL');
    await until('the caller is alone', async () => (await scene.worker.health())?.body.active_calls === 0);
    const left = await scene.callOf(callId);
    expect(left).toMatchObject({ status: 'open' });
    expect(await scene.db.service.rpc('reap_calls')).toMatchObject({ data: [] });
    await lapse(scene.db.sql, callId);
    expect(await scene.db.service.rpc('reap_calls')).toMatchObject({ data: [callId] });
    const call = await scene.callOf(callId);
    expect(call).toMatchObject({ status: 'settled', settled_by: 'reaper', used_ms: left?.used_ms });
    expect(call?.charged_seconds).toBe(Math.floor(Number(left?.used_ms) / 1000));
    expect(await violations(scene.db.sql)).toEqual([]);
    await hangUp();
  });

  it('waits, free of charge, for a caller whose machine dies, and goes on when they are back', async () => {
    const callId = randomUUID();
    const ticket = await callerToken(await scene.person(), callId);
    const script = fileURLToPath(new URL('./lone-caller.ts', import.meta.url));
    const lone = spawn(process.execPath, [script, scene.media.url, ticket], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = async (name: string) => {
      const participants = await scene.media.rooms.listParticipants(callRoomName(callId));
      return participants.map(({ attributes }) => attributes[name]).find(Boolean);
    };
    const meter = () => told('mindbot.meter');
    await until('the call is running', async () => (await meter()) === 'running');
    // The line counts as dead from its last packet on, and a silent caller sends one every 400 ms only: whoever dies
    // sooner after the first word was never there while it was billed. So packets must have come since, for sure.
    await until(
      'use is reported',
      async () => Number((await scene.callOf(callId))?.used_ms ?? 0) > SURELY_HERE_MS,
    );
    // What the agent says is billed, also to somebody whose line has just died.
    await until('the greeting is over', async () => (await told('lk.agent.state')) === 'listening');
    lone.kill('SIGKILL');
    const killedAtMs = performance.now();
    await until('the call is paused', async () => (await meter()) === 'paused', 40_000);
    console.log(`a dead caller was noticed after ${Math.round(performance.now() - killedAtMs)} ms`);
    const { hearUntil, say, hangUp } = await scene.join(ticket);
    // The first word may be lost while the line is being set up.
    await hearUntil(/please go on/i);
    await say('How much time do I have left?');
    await hearUntil(/59 minutes|fifty[- ]nine minutes/i);
    await hangUp();
    const { receipt, charged_seconds, used_ms, restored_ms } = await scene.settled(callId);
    expect(receipt.windows.map(({ reason }: { reason: string }) => reason)).toEqual([
      'connecting',
      'talking',
      'line_down',
      'talking',
    ]);
    // What had been counted before the dead line was noticed is given back.
    expect(Number(restored_ms)).toBeGreaterThan(3000);
    expect(charged_seconds).toBe(Math.floor((Number(used_ms) - Number(restored_ms)) / 1000));
    expect(await violations(scene.db.sql)).toEqual([]);
  });

  it('says that it cannot be called while the media server is gone, and is back with it', async () => {
    await scene.media.stop();
    const gone = await until('it is not ready', async () => {
      const health = await scene.worker.health();
      return health?.status === 503 && health.body;
    });
    expect(gone).toMatchObject({ status: 'unavailable', checks: { livekit: 'not connected' } });
    await scene.media.start();
    await until('it is ready again', async () => (await scene.worker.health())?.status === 200);
  });

  it('has no failure that nobody handles', async () => {
    expect(await scene.worker.metrics()).toContain('mindbot_unhandled_rejections_total 0');
  });

  it('takes the next call after that, and on SIGTERM lets it end before it goes', async () => {
    const { callId, hearUntil, say } = await scene.callIn(await scene.person());
    await hearUntil(/(1|one) hour/i);
    scene.worker.terminate();
    await until(
      'it takes no new calls',
      async () => (await scene.worker.health())?.body.status === 'draining',
    );
    await say('How much time do I have left?');
    await hearUntil(/59 minutes|fifty[- ]nine minutes/i);
    await say('Goodbye.');
    await hearUntil(/thank you for calling/i);
    expect(await scene.settled(callId)).toMatchObject({ settled_by: 'worker', end_reason: 'said_goodbye' });
    expect(await scene.worker.exited).toBe(0);
    expect(await violations(scene.db.sql)).toEqual([]);
  });
});

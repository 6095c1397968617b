import { setTimeout as sleep } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../agent/worker-process.ts';
import { mediaServerBinary, needsMediaServer } from '../support/media-server.ts';
import { violations } from '../time/people.ts';
import { readReceipt } from '../voice/voice-stack.ts';
import { startStoppableCalls } from './stoppable-calls.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

/** REAL_TIME=1 waits as long as the product says; else as short as a dead line can be noticed. */
const [DEAD_LINE_MS, GRACE_SECONDS, SHORT_MS, LONG_MS] = process.env.REAL_TIME
  ? [4000, 30, 10_000, 40_000]
  : [2000, 8, 6000, 11_000];
const LONG_STORY = 'This is said to somebody who is not there, and nobody hears how it goes on. '.repeat(5);
/** Packets come every 400 ms in silence, and a look at them every second when nothing is amiss. */
const RESOLUTION_MS = 400;
const LATENESS_MS = 1500;

describe.skipIf(mediaServerBinary === null)('a line that dies without a word', needsMediaServer, () => {
  let calls: Awaited<ReturnType<typeof startStoppableCalls>>;
  beforeAll(async () => {
    calls = await startStoppableCalls(mediaServerBinary ?? '', {
      deadLineMs: DEAD_LINE_MS,
      graceSeconds: GRACE_SECONDS,
    });
  });
  afterAll(() => calls?.close());

  it(`for ${SHORT_MS} ms: the same call goes on, and the gap is free`, async () => {
    const { billedMs, callId, close, ended, goOn, heard, isSilent, removeRoom, session, stop } =
      await calls.startCall();
    let begun = 0;
    session.on(voice.AgentSessionEventTypes.AgentStateChanged, ({ newState }) => {
      if (newState === 'speaking') begun++;
    });
    const [stoppedAtMs, billedBeforeMs] = [performance.now(), billedMs()];
    stop();
    await until('it is noticed', () => heard.length > 0);
    const begunBefore = begun;
    session.say(LONG_STORY);
    await until('the agent begins', () => begun > begunBefore);
    await until('the agent falls silent', isSilent, 1000);
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
    const receipt = await readReceipt(calls.db, callId);
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
    expect(await violations(calls.db.sql)).toEqual([]);
  });

  it('while the agent speaks: what it says until that is noticed is billed, and then it falls silent', async () => {
    const { billedMs, callId, close, ended, goOn, heard, isSilent, removeRoom, session, stop } =
      await calls.startCall();
    session.say(LONG_STORY);
    await until('the agent speaks', () => session.agentState === 'speaking');
    const [stoppedAtMs, billedBeforeMs] = [performance.now(), billedMs()];
    stop();
    await until('it is noticed', () => heard.length > 0);
    const noticedAfterMs = (heard[0]?.atMs ?? 0) - stoppedAtMs;
    await until('the agent falls silent', isSilent, 2000);
    const gapBilledMs = billedMs() - billedBeforeMs;
    goOn();
    await until('the caller is back', () => heard.length > 1);
    await removeRoom();
    await ended;
    await close();
    const receipt = await readReceipt(calls.db, callId);
    console.log(`noticed after ${Math.round(noticedAfterMs)} ms, billed ${gapBilledMs} ms of it`);
    expect(Math.abs(gapBilledMs - noticedAfterMs)).toBeLessThan(RESOLUTION_MS);
    expect(receipt.restored_ms).toBe(0);
    expect(await violations(calls.db.sql)).toEqual([]);
  });

  it(`for ${LONG_MS} ms: the call ends, billed up to the cut`, async () => {
    const { billedMs, callId, close, ended, heard, stop } = await calls.startCall();
    const [stoppedAtMs, billedBeforeMs] = [performance.now(), billedMs()];
    stop();
    const { reason, usedMs } = await ended;
    const endedAfterMs = performance.now() - stoppedAtMs;
    await close();
    const receipt = await readReceipt(calls.db, callId);
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
    expect(await violations(calls.db.sql)).toEqual([]);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../agent/worker-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  type MediaServer,
  mediaServerBinary,
  needsMediaServer,
  startMediaServer,
} from '../support/media-server.ts';
import { signUpWith, violations } from '../time/people.ts';
import { openRoomWithAgent } from '../voice/agent-in-room.ts';
import { readReceipt, startVoiceStack, type VoiceStack } from '../voice/voice-stack.ts';
import { joinAsFreeRider } from './free-rider.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

const DEAD_LINE_MS = 4000;
const DICTATION = [
  'Please write to the landlord that the heating is broken.',
  'It has been cold in here since the beginning of November.',
  'I would like to have it repaired before the end of the week.',
];
const QUESTION = 'How much time do I have left?';
const HUSH_MS = 1000;

describe.skipIf(mediaServerBinary === null)('a caller who wants much for little', needsMediaServer, () => {
  let stack: VoiceStack;
  let db: TestDatabase;
  let media: MediaServer;
  beforeAll(async () => {
    [stack, db, media] = await Promise.all([
      startVoiceStack(),
      createTestDatabase(),
      startMediaServer(mediaServerBinary ?? ''),
    ]);
  });
  afterAll(async () => {
    await media?.close();
    await stack?.close();
    await db?.close();
  });

  async function call(hears: boolean) {
    const room = await openRoomWithAgent(media, stack.config(db), await signUpWith(db, 3600));
    const { call, line, session } = await room.createCall({ lookEveryMs: 1000, deadLineMs: DEAD_LINE_MS });
    const cuts: number[] = [];
    line.onPresence((presence) => {
      if (presence === 'cut') cuts.push(performance.now());
    });
    let busyMs = 0;
    let busySinceMs: number | undefined;
    session.on(voice.AgentSessionEventTypes.AgentStateChanged, ({ newState }) => {
      const isBusy = newState === 'thinking' || newState === 'speaking';
      if (isBusy) busySinceMs ??= performance.now();
      if (isBusy || busySinceMs === undefined) return;
      busyMs += performance.now() - busySinceMs;
      busySinceMs = undefined;
    });
    const ended = call.run();
    const rider = await joinAsFreeRider(media.url, await room.callerToken(), hears);
    const speech = async (text: string) =>
      (await stack.models.synthesize(text, 'rms', { sampleRate: 16_000 })).pcm;
    return {
      rider,
      cuts,
      speech,
      isAgentBusy: () => busySinceMs !== undefined,
      /** How long the agent has thought and spoken so far. */
      busyMs: () => busyMs + (busySinceMs === undefined ? 0 : performance.now() - busySinceMs),
      chargedMs: () => (call.meter?.usedMs() ?? 0) - (call.meter?.restoredMs() ?? 0),
      async hangUp() {
        await rider.leave();
        const { reason } = await ended;
        await room.leave();
        expect(await violations(db.sql)).toEqual([]);
        return { ...(await readReceipt(db, room.callId)), reason };
      },
    };
  }

  it('has nothing written down while the agent cannot be heard, and is not kept waiting', async () => {
    const { rider, speech, hangUp } = await call(false);
    const sentences = await Promise.all(DICTATION.map(speech));
    const beganAtMs = performance.now();
    for (let at = 0; performance.now() - beganAtMs < 40_000 && !rider.hasEnded(); at++) {
      await rider.type(QUESTION);
      await rider.say(sentences[at % sentences.length] ?? new Int16Array(160));
      await sleep(800);
    }
    const lastedSeconds = Math.round((performance.now() - beganAtMs) / 1000);
    const { charged_seconds, reason } = await hangUp();
    // The agent says nothing to somebody who does not hear it: these are all the caller's own words.
    const words = rider.captions
      .join(' ')
      .split(/\s+/)
      .filter((word) => word !== '').length;
    console.log(
      `unsubscribed: ${lastedSeconds} s, ${words} words written down, ${charged_seconds} s charged, ${reason}`,
    );
    expect({ words, charged_seconds }).toEqual({ words: 0, charged_seconds: 0 });
    expect(reason).toBe('never_heard');
    expect(lastedSeconds).toBeLessThan(35);
  });

  it.each(['voice', 'typed text'])('pays for each answer to its %s, however its packets stop', async (by) => {
    const { rider, cuts, speech, busyMs, chargedMs, isAgentBusy, hangUp } = await call(true);
    const question = await speech(QUESTION);
    await until('the greeting is over', () => chargedMs() > 0 && busyMs() > 0 && !isAgentBusy(), 30_000);
    await sleep(1000);
    const [beganAtMs, chargedBefore, busyBefore] = [performance.now(), chargedMs(), busyMs()];
    for (let round = 0; round < 5; round++) {
      const cutsBefore = cuts.length;
      if (by === 'voice') await rider.say(question);
      else await rider.type(QUESTION);
      // The line counts as dead some 5 s later, with all that was said meanwhile.
      rider.send(false);
      const stoppedAtMs = performance.now();
      while (cuts.length === cutsBefore && performance.now() - stoppedAtMs < 10_000) await sleep(20);
      rider.send(true);
      await sleep(1200);
    }
    const seconds = (ms: number) => Math.round(ms / 1000);
    const [lasted, served, paid] = [
      performance.now() - beganAtMs,
      busyMs() - busyBefore,
      chargedMs() - chargedBefore,
    ];
    const { restored_ms } = await hangUp();
    console.log(
      `pulses, by ${by}: in ${seconds(lasted)} s served ${seconds(served)} s, charged ${seconds(paid)} s,`,
      `${cuts.length} cuts, ${seconds(restored_ms)} s given back`,
    );
    expect(cuts.length).toBeGreaterThan(1);
    expect(served).toBeGreaterThan(5_000);
    // Once a cut is noticed nothing is billed, and it takes a moment until the agent falls silent.
    expect(paid).toBeGreaterThanOrEqual(served - cuts.length * HUSH_MS);
  });
});

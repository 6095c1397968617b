import { setTimeout as sleep } from 'node:timers/promises';
import { voice } from '@livekit/agents';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { countWrongWords } from '../speech/words-wrong.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { mediaServerBinary, needsMediaServer } from '../support/media-server.ts';
import { patience } from '../support/patience.ts';
import { signUpWith, violations } from '../time/people.ts';
import { startFailingProxy } from './failing-proxy.ts';
import { startRoomCalls } from './room-call.ts';
import { readReceipt, startVoiceStack, type VoiceStack } from './voice-stack.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

const ASK = 'How much time do I have left?';
const CHAT = '/v1/chat/completions';
const SPEECH = '/v1/audio/speech';

describe.skipIf(mediaServerBinary === null)('one call at a real media server', needsMediaServer, () => {
  let stack: VoiceStack;
  let db: TestDatabase;
  let rooms: Awaited<ReturnType<typeof startRoomCalls>>;
  let sttProxy: Awaited<ReturnType<typeof startCuttableProxy>>;
  let models: Awaited<ReturnType<typeof startFailingProxy>>;

  beforeAll(async () => {
    [stack, db] = await Promise.all([startVoiceStack(), createTestDatabase()]);
    [rooms, sttProxy, models] = await Promise.all([
      startRoomCalls(mediaServerBinary ?? '', stack.models),
      startCuttableProxy(Number(new URL(stack.speech.url).port)),
      startFailingProxy(stack.speech.url),
    ]);
  });
  afterAll(async () => {
    sttProxy.close();
    models.close();
    await rooms.close();
    await stack.close();
    await db.close();
  });

  it('stt, llm and tts fail once each: nothing said is lost, an apology is heard, and none of it is charged', {
    timeout: patience(180_000),
  }, async () => {
    const userId = await signUpWith(db, 3600);
    const config = stack.config(db, {
      OPENAI_BASE_URL: `${models.url}/v1`,
      DEEPGRAM_BASE_URL: `http://127.0.0.1:${sttProxy.port}`,
      // A guess at the answer that is thrown away must not be the request that fails.
      PREEMPTIVE_ANSWERS: 'off',
      OPENAI_DEADLINE_MS: '3000',
      OPENAI_TTS_DEADLINE_MS: '3000',
    });
    const { callId, session, say, hear, hangUp } = await rooms.startCall(config, userId);
    const finals: string[] = [];
    session.on(voice.AgentSessionEventTypes.UserInputTranscribed, ({ transcript, isFinal }) => {
      if (isFinal) finals.push(transcript);
    });
    const log: string[] = [];
    const listen = async () => {
      log.push(`Agent   ${await hear()}`);
      return log.at(-1) ?? '';
    };
    const speak = async (failure: string) => {
      log.push(`        (${failure})`, `Caller  ${ASK}`);
      await say(ASK);
    };

    expect(await listen()).toMatch(/mind ?bot/i);
    const cutInSpeech = async () => {
      await sleep(800);
      sttProxy.refuse();
      await sleep(1200);
      sttProxy.restore();
    };
    await Promise.all([speak("Deepgram's socket drops while the caller speaks, for 1.2 s"), cutInSpeech()]);
    expect(await listen()).toMatch(/59 minutes|fifty[- ]nine minutes|1 hour|one hour/i);

    models.hangOnce(CHAT);
    await speak('the language model hangs');
    expect(await listen()).toMatch(/sorry for the w\w+.*minutes/i);

    models.hangOnce(SPEECH);
    await speak('the voice hangs');
    expect(await listen()).toMatch(/sorry for the w\w+.*minutes/i);

    await speak('nothing fails');
    expect(await listen()).not.toMatch(/sorry/i);
    const { usedMs, chargedSeconds } = await hangUp();

    const receipt = await readReceipt(db, callId);
    const windows = receipt.windows.map(
      ({ reason, billed, from_ms, to_ms }) => `${reason} ${billed ? 'billed' : 'free'} ${to_ms - from_ms} ms`,
    );
    console.log([...log, `Heard   ${finals.join(' | ')}`, ...windows].join('\n'));
    expect(models.hung()).toBe(2);
    const asked = session.history.items.filter((item) => item.type === 'message' && item.role === 'user');
    expect(asked).toHaveLength(4);
    // The recogniser mishears one word of twenty; a word too few or too many counts as much.
    expect(countWrongWords([ASK, ASK, ASK, ASK].join(' '), finals.join(' ')).wrong).toBeLessThanOrEqual(3);
    expect(receipt.story).toEqual([
      'connecting free',
      'talking billed',
      'provider_outage free',
      'talking billed',
      'provider_outage free',
      'talking billed',
      'provider_outage free',
      'talking billed',
    ]);
    const outages = receipt.windows.filter(({ reason }) => reason === 'provider_outage');
    const freeMs = outages.map(({ from_ms, to_ms }) => to_ms - from_ms);
    expect(freeMs[0]).toBeGreaterThan(1000);
    // Both that hang are waited for until the deadline, from the end of the question on.
    for (const ms of freeMs.slice(1)) expect(ms).toBeGreaterThan(3000);
    expect(chargedSeconds).toBe(Math.floor((usedMs - receipt.restored_ms) / 1000));
    expect(await violations(db.sql)).toEqual([]);
  });
});

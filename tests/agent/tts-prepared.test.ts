import type { ReadableStream } from 'node:stream/web';
import { initializeLogger } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProviderChain } from '../../agent/speech/providers/provider-chain.ts';
import { PreparedSpeech } from '../../agent/speech/tts/prepared-speech.ts';
import { SpeechProvider } from '../../agent/speech/tts/speech-provider.ts';
import { Tts } from '../../agent/speech/tts/tts.ts';
import { systemClock } from '../../shared/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  hang,
  RATE,
  reset,
  type ScriptedProvider,
  speech,
  startScriptedProvider,
  status,
} from './scripted-provider.ts';

initializeLogger({ pretty: false, level: 'silent' });

let server: ScriptedProvider;
let clock: FakeClock;
let voice: Tts;
let prepared: PreparedSpeech;
let errors: number;

beforeEach(async () => {
  server = await startScriptedProvider(speech(200));
  clock = new FakeClock();
  errors = 0;
  const provider = {
    baseUrl: server.baseUrl,
    apiKey: 'key',
    model: 'gpt-any',
    voice: 'echo',
    deadlineMs: 2000,
  };
  voice = new Tts(new ProviderChain([new SpeechProvider(provider)], systemClock), 'Sorry.');
  voice.on('error', () => errors++);
  prepared = new PreparedSpeech(voice, clock);
});
afterEach(async () => {
  prepared.close();
  await server.close();
});

async function lengthMs(audio: ReadableStream<AudioFrame> | undefined): Promise<number | undefined> {
  if (!audio) return undefined;
  let samples = 0;
  for await (const frame of audio) samples += frame.samplesPerChannel;
  return (samples * 1000) / RATE;
}

it('is there when it is needed, as often as it is, and made once', async () => {
  prepared.prepare(['One.', 'Two.']);
  prepared.prepare(['One.']);
  await expect.poll(() => server.inputs()).toEqual(['One.', 'Two.']);
  server.always(status(500));
  for (const text of ['One.', 'Two.', 'One.']) expect(await lengthMs(prepared.take(text))).toBe(200);
  expect(prepared.take('Three.')).toBeUndefined();
  expect(server.requests).toHaveLength(2);
});

it('can be played while it is still being made', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.will(
    speech(200, {
      ending: async (response) => {
        await promise;
        response.end();
      },
    }),
  );
  prepared.prepare(['One.', 'Two.']);
  const reader = prepared.take('One.')?.getReader();
  expect((await reader?.read())?.value?.samplesPerChannel).toBe(RATE / 20);
  expect(prepared.take('Two.')).toBeUndefined();
  resolve();
});

it('keeps nothing that broke off, tells nobody, and tries again later', async () => {
  server.will(speech(200, { untilMs: 100, ending: reset }), status(500), status(500));
  prepared.prepare(['One.']);
  await expect.poll(() => clock.pending).toBe(1);
  expect([prepared.take('One.'), errors]).toEqual([undefined, 0]);
  await clock.advance(30_000);
  await expect.poll(() => lengthMs(prepared.take('One.'))).toBe(200);
});

it('forgets the oldest when there is too much of it', async () => {
  server.always(speech(40_000));
  prepared.prepare(['One.', 'Two.', 'Three.']);
  await expect.poll(() => prepared.take('Three.') && server.requests.length).toBe(3);
  await expect.poll(() => prepared.take('One.')).toBeUndefined();
  expect(await lengthMs(prepared.take('Three.'))).toBe(40_000);
});

it('stops making when it is closed', async () => {
  let isGone = false;
  server.will((response) => {
    response.on('close', () => {
      isGone = true;
    });
    return hang(response, '');
  });
  prepared.prepare(['One.', 'Two.']);
  await expect.poll(() => server.requests.length).toBe(1);
  prepared.close();
  await expect.poll(() => isGone).toBe(true);
  expect([server.requests.length, clock.pending]).toEqual([1, 0]);
});

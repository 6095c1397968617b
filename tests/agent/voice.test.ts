import { initializeLogger, type metrics, type tts } from '@livekit/agents';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProviderChain } from '../../agent/speech/providers/provider-chain.ts';
import { SpeechProvider } from '../../agent/speech/voice/speech-provider.ts';
import { Voice } from '../../agent/speech/voice/voice.ts';
import { systemClock } from '../../shared/clock.ts';
import {
  countingSamples,
  hang,
  RATE,
  reset,
  type ScriptedProvider,
  speech,
  startScriptedProvider,
  status,
} from './scripted-provider.ts';

initializeLogger({ pretty: false, level: 'silent' });

const DEADLINE_MS = 250;
const SPEECH_MS = 400;
const ALL = [...countingSamples((SPEECH_MS * RATE) / 1000)];

let first: ScriptedProvider;
let second: ScriptedProvider;
let passedMs: number;
let errors: boolean[];
let counted: metrics.TTSMetrics[];

beforeEach(async () => {
  first = await startScriptedProvider(speech(SPEECH_MS));
  second = await startScriptedProvider(speech(SPEECH_MS));
  passedMs = 0;
  errors = [];
  counted = [];
});
afterEach(async () => {
  await first.close();
  await second.close();
});

const provider = ({ baseUrl }: ScriptedProvider, model: string) =>
  new SpeechProvider({ baseUrl, apiKey: `key of ${model}`, model, voice: 'echo', deadlineMs: DEADLINE_MS });

function voiceOf(...servers: [ScriptedProvider, ...ScriptedProvider[]]): Voice {
  const [one, ...others] = servers;
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + passedMs };
  const providers = others.map((server, index) => provider(server, `other ${index + 1}`));
  const voice = new Voice(new ProviderChain([provider(one, 'main'), ...providers], clock), 'Sorry.');
  voice.on('error', ({ recoverable }) => errors.push(recoverable));
  voice.on('metrics_collected', (metrics) => counted.push(metrics));
  return voice;
}

async function samplesOf(stream: tts.ChunkedStream): Promise<number[]> {
  const samples: number[] = [];
  for await (const { frame } of stream) samples.push(...frame.data);
  return samples;
}

const TEXT = 'You have five minutes left.';

it('is heard while the rest is still being made', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isSent = false;
  const rest = async (response: Parameters<typeof reset>[0]) => {
    await promise;
    isSent = true;
    response.end();
  };
  first.will(speech(SPEECH_MS, { ending: rest }));
  const stream = voiceOf(first).synthesize(TEXT);
  const { value } = await stream.next();
  expect([value?.frame.samplesPerChannel, isSent]).toEqual([RATE / 20, false]);
  resolve();
  await samplesOf(stream);
  expect(isSent).toBe(true);
});

it('asks again when a request fails, apologises in front, and counts the characters once', async () => {
  first.will(status(500));
  expect(await samplesOf(voiceOf(first).synthesize(TEXT))).toEqual(ALL);
  expect(first.inputs()).toEqual([TEXT, `Sorry. ${TEXT}`]);
  expect(errors).toEqual([true]);
  expect(counted.map(({ charactersCount, streamed }) => [charactersCount, streamed])).toEqual([[27, false]]);
});

it('is the voice of the second provider when the first one fails, which is left alone for a while', async () => {
  first.always(status(500));
  const voice = voiceOf(first, second);
  expect(await samplesOf(voice.synthesize(TEXT))).toEqual(ALL);
  expect([first.requests.length, second.requests.length]).toEqual([2, 1]);
  expect(second.requests[0]?.key).toBe('Bearer key of other 1');
  expect(counted[0]?.metadata).toEqual({ modelProvider: second.host, modelName: 'other 1' });
  passedMs = 29_000;
  await samplesOf(voice.synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
  expect(second.inputs()).toEqual([`Sorry. ${TEXT}`, TEXT]);
  first.always(speech(SPEECH_MS));
  passedMs = 31_000;
  await samplesOf(voice.synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([3, 2]);
});

it('waits as long as a busy provider asks for, if that is short', async () => {
  first.will(status(429, { 'retry-after': '0.4' }));
  expect(await samplesOf(voiceOf(first, second).synthesize(TEXT))).toEqual(ALL);
  const [one, two] = first.requests;
  expect((two?.atMs ?? 0) - (one?.atMs ?? 0)).toBeGreaterThan(390);
});

it('goes to somebody else when a busy provider asks for more, and comes back no sooner', async () => {
  first.will(status(429, { 'retry-after': '60' }));
  const voice = voiceOf(first, second);
  await samplesOf(voice.synthesize(TEXT));
  passedMs = 59_000;
  await samplesOf(voice.synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([1, 2]);
  passedMs = 61_000;
  await samplesOf(voice.synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
});

it('does not ask again where the request itself is refused', async () => {
  first.will(status(401));
  await samplesOf(voiceOf(first, second).synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
});

it('cuts off who hangs before the first byte', async () => {
  first.will(hang);
  expect(await samplesOf(voiceOf(first, second).synthesize(TEXT))).toEqual(ALL);
  expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
});

for (const [name, ending] of [
  ['hangs', hang],
  ['is reset', reset],
] as const) {
  it(`says nothing twice and leaves nothing out when the connection ${name} in the middle`, async () => {
    first.will(speech(SPEECH_MS, { untilMs: 130, ending }));
    expect(await samplesOf(voiceOf(first, second).synthesize(TEXT))).toEqual(ALL);
    expect(first.inputs()).toEqual([TEXT, TEXT]);
    expect(second.requests).toEqual([]);
    expect(errors).toEqual([true]);
  });
}

it('ends the sentence when the same voice cannot go on, and goes on with the other one at the next', async () => {
  first.will(speech(SPEECH_MS, { untilMs: 130, ending: reset }), status(500), status(500));
  const voice = voiceOf(first, second);
  expect(await samplesOf(voice.synthesize(TEXT))).toEqual(ALL.slice(0, (130 * RATE) / 1000 - 1));
  expect(errors.at(-1)).toBe(false);
  await samplesOf(voice.synthesize(TEXT));
  expect(second.inputs()).toEqual([TEXT]);
});

it('tells when nobody speaks, and throws nothing', async () => {
  first.always(status(500));
  second.always(reset);
  const stream = voiceOf(first, second).stream();
  stream.pushText('You have five minutes left. Would you like to buy more time?');
  stream.endInput();
  let frames = 0;
  for await (const audio of stream) if (typeof audio !== 'symbol') frames++;
  expect(frames).toBe(0);
  expect(errors.filter((isRecoverable) => !isRecoverable)).toHaveLength(2);
});

it('speaks a reply piece by piece, in order, counts each once, and apologises in front of the first only', async () => {
  first.always(status(500));
  const stream = voiceOf(first, second).stream();
  stream.pushText('You have five minutes left, and nothing expires. Would you like to buy more time? ');
  stream.endInput();
  const samples: number[] = [];
  for await (const audio of stream) if (typeof audio !== 'symbol') samples.push(...audio.frame.data);
  const pieces = ['You have five minutes left,', 'and nothing expires.', 'Would you like to buy more time?'];
  expect(second.inputs().toSorted()).toEqual([`Sorry. ${pieces[0]}`, pieces[1], pieces[2]].toSorted());
  expect(samples).toEqual([...ALL, ...ALL, ...ALL]);
  expect(counted.every(({ streamed }) => !streamed)).toBe(true);
  const characters = counted.reduce((sum, { charactersCount }) => sum + charactersCount, 0);
  expect(characters).toBe(pieces.join('').length);
});

it('ends its request when it is interrupted', async () => {
  let isGone = false;
  first.will((response) => {
    response.on('close', () => {
      isGone = true;
    });
  });
  const calledOff = new AbortController();
  const stream = voiceOf(first).synthesize(TEXT, undefined, calledOff.signal);
  await expect.poll(() => first.requests.length).toBe(1);
  calledOff.abort();
  expect(await samplesOf(stream)).toEqual([]);
  await expect.poll(() => isGone).toBe(true);
  expect(errors).toEqual([]);
});

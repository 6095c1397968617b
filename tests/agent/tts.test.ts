import { initializeLogger, type metrics, type tts } from '@livekit/agents';
import { expect } from 'vitest';
import { countingSamples, hang, RATE, reset, speech, status } from './scripted-provider.ts';
import { voiceOf } from './scripted-tts.ts';
import { testWithProviders } from './test-with-providers.ts';

initializeLogger({ pretty: false, level: 'silent' });

const SPEECH_MS = 400;
const ALL = [...countingSamples((SPEECH_MS * RATE) / 1000)];

const it = testWithProviders<metrics.TTSMetrics>(speech(SPEECH_MS));

async function samplesOf(stream: tts.ChunkedStream): Promise<number[]> {
  const samples: number[] = [];
  for await (const { frame } of stream) samples.push(...frame.data);
  return samples;
}

const TEXT = 'You have five minutes left.';

it('is heard while the rest is still being made', async ({ first, watch }) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isSent = false;
  const rest = async (response: Parameters<typeof reset>[0]) => {
    await promise;
    isSent = true;
    response.end();
  };
  first.will(speech(SPEECH_MS, { ending: rest }));
  const stream = voiceOf(watch, first).synthesize(TEXT);
  const { value } = await stream.next();
  expect([value?.frame.samplesPerChannel, isSent]).toEqual([RATE / 20, false]);
  resolve();
  await samplesOf(stream);
  expect(isSent).toBe(true);
});

it('asks again when a request fails, apologises in front, and counts the characters once', async ({
  first,
  watch,
}) => {
  first.will(status(500));
  expect(await samplesOf(voiceOf(watch, first).synthesize(TEXT))).toEqual(ALL);
  expect(first.inputs()).toEqual([TEXT, `Sorry. ${TEXT}`]);
  expect(watch.errors).toEqual([true]);
  expect(watch.counted.map(({ charactersCount, streamed }) => [charactersCount, streamed])).toEqual([
    [27, false],
  ]);
});

it('is the voice of the second provider when the first one fails, which is left alone for a while', async ({
  first,
  second,
  watch,
}) => {
  first.always(status(500));
  const voice = voiceOf(watch, first, second);
  expect(await samplesOf(voice.synthesize(TEXT))).toEqual(ALL);
  expect([first.requests.length, second.requests.length]).toEqual([2, 1]);
  expect(second.requests[0]?.key).toBe('Bearer key of other 1');
  expect(watch.counted[0]?.metadata).toEqual({ modelProvider: second.host, modelName: 'other 1' });
  watch.passedMs = 29_000;
  await samplesOf(voice.synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
  expect(second.inputs()).toEqual([`Sorry. ${TEXT}`, TEXT]);
  first.always(speech(SPEECH_MS));
  watch.passedMs = 31_000;
  await samplesOf(voice.synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([3, 2]);
});

it('waits as long as a busy provider asks for, if that is short', async ({ first, second, watch }) => {
  first.will(status(429, { 'retry-after': '0.4' }));
  expect(await samplesOf(voiceOf(watch, first, second).synthesize(TEXT))).toEqual(ALL);
  const [one, two] = first.requests;
  expect((two?.atMs ?? 0) - (one?.atMs ?? 0)).toBeGreaterThan(390);
});

it('goes to somebody else when a busy provider asks for more, and comes back no sooner', async ({
  first,
  second,
  watch,
}) => {
  first.will(status(429, { 'retry-after': '60' }));
  const voice = voiceOf(watch, first, second);
  await samplesOf(voice.synthesize(TEXT));
  watch.passedMs = 59_000;
  await samplesOf(voice.synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([1, 2]);
  watch.passedMs = 61_000;
  await samplesOf(voice.synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
});

it('does not ask again where the request itself is refused', async ({ first, second, watch }) => {
  first.will(status(401));
  await samplesOf(voiceOf(watch, first, second).synthesize(TEXT));
  expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
});

it('cuts off who hangs before the first byte', async ({ first, second, watch }) => {
  first.will(hang);
  expect(await samplesOf(voiceOf(watch, first, second).synthesize(TEXT))).toEqual(ALL);
  expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
});

for (const [name, ending] of [
  ['hangs', hang],
  ['is reset', reset],
] as const) {
  it(`says nothing twice and leaves nothing out when the connection ${name} in the middle`, async ({
    first,
    second,
    watch,
  }) => {
    first.will(speech(SPEECH_MS, { untilMs: 130, ending }));
    expect(await samplesOf(voiceOf(watch, first, second).synthesize(TEXT))).toEqual(ALL);
    expect(first.inputs()).toEqual([TEXT, TEXT]);
    expect(second.requests).toEqual([]);
    expect(watch.errors).toEqual([true]);
  });
}

it('ends the sentence when the same voice cannot go on, and goes on with the other one at the next', async ({
  first,
  second,
  watch,
}) => {
  first.will(speech(SPEECH_MS, { untilMs: 130, ending: reset }), status(500), status(500));
  const voice = voiceOf(watch, first, second);
  expect(await samplesOf(voice.synthesize(TEXT))).toEqual(ALL.slice(0, (130 * RATE) / 1000 - 1));
  expect(watch.errors.at(-1)).toBe(false);
  await samplesOf(voice.synthesize(TEXT));
  expect(second.inputs()).toEqual([TEXT]);
});

it('ends its request when it is interrupted', async ({ first, watch }) => {
  let isGone = false;
  first.will((response) => {
    response.on('close', () => {
      isGone = true;
    });
  });
  const calledOff = new AbortController();
  const stream = voiceOf(watch, first).synthesize(TEXT, undefined, calledOff.signal);
  await expect.poll(() => first.requests.length).toBe(1);
  calledOff.abort();
  expect(await samplesOf(stream)).toEqual([]);
  await expect.poll(() => isGone).toBe(true);
  expect(watch.errors).toEqual([]);
});

import { initializeLogger } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silence, wordsAsAudio } from './heard-audio.ts';
import { type ScriptedRecogniser, startScriptedRecogniser } from './scripted-recogniser.ts';
import { followStream, sttScene } from './stt-scene.ts';

initializeLogger({ pretty: false, level: 'fatal' });

let recogniser: ScriptedRecogniser;
let scene: ReturnType<typeof sttScene>;

beforeEach(async () => {
  recogniser = await startScriptedRecogniser();
  scene = sttScene({ DEEPGRAM_BASE_URL: recogniser.url });
});
afterEach(async () => {
  scene.stream.close();
  await scene.ended;
  await scene.until(() => recogniser.sockets.size === 0 && scene.clock.pending() === 0);
  expect([recogniser.sockets.size, scene.clock.pending()]).toEqual([0, 0]);
  await recogniser.close();
});

const heardAll = (...words: number[]) => words.map(String);

test('without any fault: each word once, one start and one end, and nothing is told as lost', async () => {
  await scene.speak(wordsAsAudio([1, 2, 3]), silence(2), wordsAsAudio([4, 5]), silence(2));
  await scene.until(() => scene.words().length >= 5);
  expect(scene.words()).toEqual(heardAll(1, 2, 3, 4, 5));
  expect([scene.starts(), scene.ends()]).toEqual([2, 2]);
  const seconds = (1.35 + 2 + 0.9 + 0.3).toFixed(1);
  expect(scene.events.findLast((event) => event.alternatives)?.alternatives?.[0].endTime.toFixed(1)).toBe(
    seconds,
  );
  expect(scene.outages).toEqual([]);
  expect(recogniser.requests).toHaveLength(1);
});

test('a drop in the middle of an utterance: it is said again on the next connection, from its first word', async () => {
  await scene.speak(wordsAsAudio([1, 2]), silence(2), wordsAsAudio([3, 4, 5]));
  recogniser.cut();
  await scene.speak(wordsAsAudio([6, 7]), silence(2));
  await scene.until(() => scene.words().length >= 7);
  expect(scene.words()).toEqual(heardAll(1, 2, 3, 4, 5, 6, 7));
  expect([scene.starts(), scene.ends()]).toEqual([2, 2]);
  expect(scene.outages).toHaveLength(1);
  expect(scene.outages[0]?.backMs).toBeGreaterThan(scene.outages[0]?.sinceMs ?? Number.NaN);
});

test('a drop between two utterances: what was heard is not heard again', async () => {
  await scene.speak(wordsAsAudio([1, 2]), silence(3));
  await scene.until(() => scene.words().length >= 2);
  recogniser.cut();
  await scene.until(() => recogniser.requests.length === 2 && recogniser.streams.size === 1);
  await scene.speak(wordsAsAudio([3]), silence(2));
  await scene.until(() => scene.words().length >= 3);
  recogniser.cut();
  await scene.speak(wordsAsAudio([4]), silence(2));
  await scene.until(() => scene.words().length >= 4);
  expect(scene.words()).toEqual(heardAll(1, 2, 3, 4));
  expect(scene.outages.map(({ backMs }) => backMs !== undefined)).toEqual([true, true]);
});

test('two drops in a row, the second one in the middle of what is said again', async () => {
  await scene.speak(wordsAsAudio([1, 2, 3]));
  recogniser.behave('stalled');
  recogniser.cut();
  await scene.until(() => recogniser.requests.length === 2 && recogniser.streams.size === 1);
  recogniser.behave('well');
  recogniser.cut();
  await scene.speak(wordsAsAudio([4, 5]), silence(2));
  await scene.until(() => scene.words().length >= 5);
  expect(scene.words()).toEqual(heardAll(1, 2, 3, 4, 5));
  expect([scene.starts(), scene.ends()]).toEqual([1, 1]);
  expect(scene.outages).toHaveLength(1);
});

test('a server that is down for four seconds while somebody goes on speaking', async () => {
  await scene.speak(wordsAsAudio([1, 2]));
  recogniser.behave('down');
  recogniser.cut();
  await scene.speak(wordsAsAudio([3, 4, 5, 6, 7, 8, 9]), silence(1));
  recogniser.behave('well');
  await scene.speak(wordsAsAudio([10]), silence(2));
  await scene.until(() => scene.words().length >= 10);
  expect(scene.words()).toEqual(heardAll(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  // 0, 0.1, 0.2, 0.5, 1.1 s, then every 1.5 s.
  expect(recogniser.requests.length).toBeLessThan(10);
  const [outage] = scene.outages;
  expect(scene.outages).toHaveLength(1);
  expect((outage?.backMs ?? 0) - (outage?.sinceMs ?? 0)).toBeGreaterThan(3_000);
});

test('what is in flight when the audio ends is delivered, whatever happens to the connection', async () => {
  await scene.speak(wordsAsAudio([1, 2, 3]));
  recogniser.cut();
  scene.stream.endInput();
  await scene.ended;
  expect(scene.words()).toEqual(heardAll(1, 2, 3));
});

test('a line on which nobody speaks is kept open', async () => {
  await scene.speak(silence(11));
  expect(recogniser.controls.filter((type) => type === 'KeepAlive').length).toBeGreaterThanOrEqual(2);
  expect(recogniser.requests).toHaveLength(1);
});

test('negative control: the plugin of the framework loses the same utterance', async () => {
  const stream = new deepgram.STT({ apiKey: 'key', baseUrl: recogniser.url }).stream();
  const plain = followStream(stream, 8);
  await plain.speak(wordsAsAudio([1, 2]), silence(2), wordsAsAudio([3, 4, 5]));
  recogniser.cut();
  await plain.speak(wordsAsAudio([6, 7]), silence(2));
  await plain.until(() => plain.words().length >= 7, 1_500);
  expect(plain.words()).toEqual(heardAll(1, 2));
  stream.close();
});

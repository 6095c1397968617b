import { setTimeout as sleep } from 'node:timers/promises';
import { initializeLogger } from '@livekit/agents';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { patience } from '../support/patience.ts';
import { silence, wordsAsAudio } from './heard-audio.ts';
import { type ScriptedRecogniser, startScriptedRecogniser } from './scripted-recogniser.ts';
import { sttScene } from './stt-scene.ts';

initializeLogger({ pretty: false, level: 'fatal' });

const SPEED = 8;
const seconds = (count: number) => sleep((count * 1000) / SPEED);

let first: ScriptedRecogniser;
let second: ScriptedRecogniser;
const scenes: ReturnType<typeof sttScene>[] = [];

beforeEach(async () => {
  [first, second] = await Promise.all([startScriptedRecogniser(), startScriptedRecogniser()]);
});
afterEach(async () => {
  const ending = scenes.splice(0);
  for (const { stream } of ending) stream.close();
  await Promise.all(ending.map(({ ended }) => ended));
  const leftOver = () =>
    ending.reduce((sum, { clock }) => sum + clock.pending(), first.sockets.size + second.sockets.size);
  await ending[0]?.until(() => leftOver() === 0);
  expect(leftOver()).toBe(0);
  await first.close();
  await second.close();
});

function start(options: { fallback?: boolean; openMs?: number } = {}) {
  const scene = sttScene(
    {
      DEEPGRAM_BASE_URL: first.url,
      ...(options.fallback && {
        DEEPGRAM_FALLBACK_BASE_URL: second.url,
        DEEPGRAM_FALLBACK_API_KEY: 'fallback-key',
        DEEPGRAM_FALLBACK_MODEL: 'nova-2',
      }),
    },
    { speed: SPEED, deadlines: options.openMs === undefined ? {} : { openMs: options.openMs } },
  );
  scenes.push(scene);
  return scene;
}

test('a key that is refused: one attempt, and an error that names the host and the status, not the key', async () => {
  first.behave(401);
  const { ended, errors, outages } = start();
  await ended;
  await seconds(10);
  expect(first.requests).toHaveLength(1);
  expect(first.requests[0]?.authorization).toBe('Token deepgram-secret-key');
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^speech recognition at 127\.0\.0\.1:\d+ refused with status 401: /),
  ]);
  expect(JSON.stringify(errors)).not.toContain('secret');
  expect(outages).toHaveLength(1);
});

test('credit that is gone in the middle of a call: asked again after half a minute, and nothing said is lost', async () => {
  const { speak, words, until, errors } = start();
  await speak(wordsAsAudio([1]), silence(2), wordsAsAudio([2]));
  first.behave(402);
  first.cut();
  await speak(wordsAsAudio([3]), silence(25));
  expect(first.requests).toHaveLength(2);
  first.behave('well');
  await speak(silence(8), wordsAsAudio([4]), silence(2));
  await until(() => words().length >= 4);
  expect(words()).toEqual(['1', '2', '3', '4']);
  expect(first.requests).toHaveLength(3);
  expect(errors).toEqual([]);
});

test('a recogniser that hangs in the middle of an utterance is replaced, and hears all of it', async () => {
  const { speak, words, until, outages, clock } = start();
  await speak(wordsAsAudio([1, 2]), silence(2), wordsAsAudio([3]));
  first.behave('stalled');
  const stalledAtMs = clock.nowMs();
  await speak(wordsAsAudio([4, 5, 6, 7, 8, 9]), silence(2));
  first.behave('well');
  await speak(silence(5));
  await until(() => words().length >= 9);
  expect(words()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(first.requests.length).toBeGreaterThanOrEqual(2);
  // Free is what nobody heard, from the first sound without an answer, and not from when that was noticed.
  expect(Math.abs((outages[0]?.sinceMs ?? 0) - stalledAtMs)).toBeLessThan(patience(1_500));
});

test('a word to a recogniser that hangs: who knows that there was speech has it heard elsewhere', async () => {
  const { ownStt, speak, words, until } = start();
  await speak(wordsAsAudio([1]), silence(2));
  first.behave('stalled');
  await speak(wordsAsAudio([2]), silence(2));
  expect(words()).toEqual(['1']);
  first.behave('well');
  ownStt.renew();
  await until(() => words().length >= 2);
  expect(words()).toEqual(['1', '2']);
  const { requests } = first;
  const before = requests.length;
  ownStt.renew();
  await seconds(3);
  expect(requests).toHaveLength(before);
});

test('a connection that is dead in silence is found out before the next word', async () => {
  const { speak, words, until, outages } = start();
  await speak(wordsAsAudio([1]), silence(2));
  const dead = [...first.sockets];
  for (const socket of dead) socket.pause();
  await until(() => first.requests.length >= 2, 5_000);
  for (const socket of dead) socket.resume();
  await speak(wordsAsAudio([2]), silence(2));
  await until(() => words().length >= 2);
  expect(words()).toEqual(['1', '2']);
  expect(outages).toHaveLength(1);
});

test('after two failures the fallback hears all that was kept; between two sentences the first one is back', async () => {
  const { ownStt, speak, words, until, outages, stream } = start({ fallback: true });
  await speak(wordsAsAudio([1, 2]), silence(2), wordsAsAudio([3]));
  first.behave('down');
  first.cut();
  await speak(wordsAsAudio([4]), silence(2));
  await until(() => words().length >= 4);
  expect(words()).toEqual(['1', '2', '3', '4']);
  expect(second.requests[0]).toMatchObject({
    authorization: 'Token fallback-key',
    url: expect.stringContaining('model=nova-2'),
  });
  expect([ownStt.provider, ownStt.model]).toEqual([new URL(second.url).host, 'nova-2']);
  expect(outages[0]?.backMs).toBeDefined();
  const failedAttempts = first.requests.length;

  // Still down when it is tried again: nobody notices.
  await speak(silence(32), wordsAsAudio([5]), silence(2));
  expect(first.requests.length).toBe(failedAttempts + 1);
  first.behave('well');
  // Twice as long, as it failed again.
  await speak(silence(62));
  await until(() => first.streams.size === 1 && second.streams.size === 0);
  await speak(wordsAsAudio([6]), silence(2));
  await until(() => words().length >= 6);
  expect(words()).toEqual(['1', '2', '3', '4', '5', '6']);
  expect([first.streams.size, second.streams.size]).toEqual([1, 0]);
  expect(ownStt.provider).toBe(new URL(first.url).host);
  expect(outages).toHaveLength(1);
  stream.close();
});

test('a first choice that refuses, or never opens, at the start of a call costs no word', async () => {
  first.behave(403);
  const refused = start({ fallback: true });
  await refused.speak(wordsAsAudio([1, 2]), silence(2));
  await refused.until(() => refused.words().length >= 2);
  expect(refused.words()).toEqual(['1', '2']);
  expect([refused.errors, first.requests.length]).toEqual([[], 1]);

  first.behave('unopened');
  const unopened = start({ fallback: true, openMs: 3_000 });
  await unopened.speak(wordsAsAudio([3]), silence(2));
  await unopened.until(() => unopened.words().length >= 1);
  expect(unopened.words()).toEqual(['3']);
  expect(first.requests.length).toBe(2);
});

test('a provider that is down when the call begins, and a recogniser that stumbles over the same words', async () => {
  first.behave('down');
  const { speak, words, until, errors } = start();
  await speak(wordsAsAudio([1, 2]), silence(4));
  first.behave('well');
  await until(() => words().length >= 2);
  expect([words(), errors]).toEqual([['1', '2'], []]);
  const { requests } = first;
  const before = requests.length;
  first.behave('stumbling');
  await speak(wordsAsAudio([3]), silence(6));
  // 0, 0.1, 0.2, 0.5, 1.1 s, then every 1.5 s: not as often as it falls.
  expect(requests.length - before).toBeLessThan(25);
  first.behave('well');
  await until(() => words().length >= 3);
  expect(words()).toEqual(['1', '2', '3']);
});

test('when both are down, both are tried until one is back', async () => {
  const { speak, words, until } = start({ fallback: true });
  await speak(wordsAsAudio([1]));
  first.behave('down');
  second.behave('down');
  first.cut();
  await speak(wordsAsAudio([2]), silence(6));
  second.behave('well');
  await until(() => words().length >= 2);
  expect(words()).toEqual(['1', '2']);
});

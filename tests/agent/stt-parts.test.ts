import { expect, test } from 'vitest';
import { KEPT_SECONDS, KeptAudio } from '../../agent/speech/stt/kept-audio.ts';
import { listenLanguage, listenUrl, SAMPLE_RATE } from '../../agent/speech/stt/listen-url.ts';
import { Providers } from '../../agent/speech/stt/providers.ts';
import { SoundGate } from '../../agent/speech/stt/sound-gate.ts';
import { parseListenOptions } from '../../local/speech/deepgram/listen-options.ts';
import { productionProblems } from '../../shared/config/production-problems.ts';
import { FakeClock } from '../support/fake-clock.ts';

const provider = (name: string) => ({ name, url: `wss://${name}`, apiKey: 'key', model: 'nova-3' });

test.each([
  ['en-US', 'en-US'],
  ['en-GB', 'en-GB'],
  ['de-DE', 'de'],
  ['DE-at', 'de'],
  ['pt-BR', 'pt-BR'],
  ['es-ES', 'es'],
  ['cy-GB', 'multi'],
])('%s is asked for as %s', (locale, language) => {
  expect(listenLanguage(locale)).toBe(language);
});

test('what is asked for is taken by the stand-in, which refuses what Deepgram would', () => {
  const url = listenUrl({ ...provider('host'), url: 'https://host/' }, 'en-US');
  expect(url.href).toMatch(/^wss:\/\/host\/v1\/listen\?/);
  expect(parseListenOptions(url.searchParams)).toMatchObject({
    sendsInterimResults: true,
    endpointingMs: 25,
  });
});

test('audio that waits too long for its transcript is dropped from its beginning, and counted', () => {
  const kept = new KeptAudio();
  for (let second = 0; second < KEPT_SECONDS + 5; second++)
    kept.add(new Int16Array(SAMPLE_RATE).fill(second), 0);
  expect([kept.start / SAMPLE_RATE, kept.end / SAMPLE_RATE, kept.missedSeconds]).toEqual([5, 35, 5]);
  expect(kept.samples[0]?.[0]).toBe(5);
});

test('silence and what a word leaves behind are no words that are owed', () => {
  const kept = new KeptAudio();
  kept.add(new Int16Array(SAMPLE_RATE), 0);
  kept.add(new Int16Array(0.1 * SAMPLE_RATE).fill(500), 0);
  expect(kept.hasSound).toBe(false);
  kept.add(new Int16Array(0.1 * SAMPLE_RATE).fill(500), 0);
  expect(kept.hasSound).toBe(true);
  kept.forgetUntil(1.15 * SAMPLE_RATE);
  expect(kept.hasSound).toBe(false);
});

test('audio is forgotten up to the sample', () => {
  const kept = new KeptAudio();
  kept.add(Int16Array.from([0, 1, 2, 3]), 0);
  kept.add(Int16Array.from([4, 5, 6, 7]), 100);
  kept.forgetUntil(6);
  expect(kept.samples.map((chunk) => [...chunk])).toEqual([[6, 7]]);
  expect([kept.start, kept.skippedBefore(6)]).toEqual([6, 100]);
  kept.forgetUntil(3);
  expect(kept.start).toBe(6);
  kept.forgetUntil(99);
  expect([kept.samples, kept.start, kept.end]).toEqual([[], 8, 8]);
});

test('silence is not sent, but for what is around a sound; and what was left out is counted', () => {
  const gate = new SoundGate();
  const block = (value: number) => new Int16Array(320).fill(value);
  const passed = [...Array(25).fill(0), 500, ...Array(75).fill(0)].flatMap((value) =>
    gate.push(block(value)),
  );
  expect(passed).toHaveLength(10 + 1 + 50);
  expect(passed[10]?.[0]).toBe(500);
  expect(gate.isOpen).toBe(false);
  expect(gate.skipped).toBe((15 + 25 - 10) * 320);
});

test('a provider that fails twice is left alone, longer each time, and is wanted again when that is over', async () => {
  const clock = new FakeClock();
  const [a, b] = [provider('a'), provider('b')];
  const providers = new Providers([a, b], clock, () => 1);
  expect(providers.next()).toEqual({ provider: a, afterMs: 0 });
  providers.failed(a, 'dropped');
  expect(providers.next()).toEqual({ provider: a, afterMs: 100 });
  providers.failed(a, 'dropped');
  expect(providers.next()).toEqual({ provider: b, afterMs: 0 });
  expect([providers.betterAfterMs(a), providers.betterAfterMs(b)]).toEqual([undefined, 30_000]);
  await clock.advance(30_000);
  expect(providers.next().provider).toBe(a);
  providers.failed(a, 'dropped');
  expect(providers.betterAfterMs(b)).toBe(60_000);
  providers.worked(a);
  expect(providers.next()).toEqual({ provider: a, afterMs: 0 });
  providers.failed(a, 'refused');
  providers.failed(b, 'refused');
  expect(providers.haveAllRefused).toBe(true);
  expect(providers.next()).toEqual({ provider: a, afterMs: 30_000 });
});

test('the last resort may be on this machine in production; over the network it must be encrypted', () => {
  const problems = (url: string) =>
    productionProblems({ DEEPGRAM_FALLBACK_BASE_URL: url }, {}).filter((text) => text.includes('FALLBACK'));
  expect(problems('ws://127.0.0.1:8400')).toEqual([]);
  expect(problems('https://api.eu.deepgram.com')).toEqual([]);
  expect(problems('ws://10.0.0.7:8400')).toEqual([expect.stringContaining('DEEPGRAM_FALLBACK_BASE_URL')]);
});

import { initializeLogger, type metrics } from '@livekit/agents';
import { expect } from 'vitest';
import { countingSamples, RATE, reset, speech, status } from './scripted-provider.ts';
import { voiceOf } from './scripted-tts.ts';
import { testWithProviders } from './test-with-providers.ts';

initializeLogger({ pretty: false, level: 'silent' });

const SPEECH_MS = 400;
const ALL = [...countingSamples((SPEECH_MS * RATE) / 1000)];

const it = testWithProviders<metrics.TTSMetrics>(speech(SPEECH_MS));

it('tells when nobody speaks, and throws nothing', async ({ first, second, watch }) => {
  first.always(status(500));
  second.always(reset);
  const stream = voiceOf(watch, first, second).stream();
  stream.pushText('You have five minutes left. Would you like to buy more time?');
  stream.endInput();
  let frames = 0;
  for await (const audio of stream) if (typeof audio !== 'symbol') frames++;
  expect(frames).toBe(0);
  expect(watch.errors.filter((isRecoverable) => !isRecoverable)).toHaveLength(2);
});

it('speaks a reply piece by piece, in order, counts each once, and apologises in front of the first only', async ({
  first,
  second,
  watch,
}) => {
  first.always(status(500));
  const stream = voiceOf(watch, first, second).stream();
  stream.pushText('You have five minutes left, and nothing expires. Would you like to buy more time? ');
  stream.endInput();
  const samples: number[] = [];
  for await (const audio of stream) if (typeof audio !== 'symbol') samples.push(...audio.frame.data);
  const pieces = ['You have five minutes left,', 'and nothing expires.', 'Would you like to buy more time?'];
  expect(second.inputs().toSorted()).toEqual([`Sorry. ${pieces[0]}`, pieces[1], pieces[2]].toSorted());
  expect(samples).toEqual([...ALL, ...ALL, ...ALL]);
  expect(watch.counted.every(({ streamed }) => !streamed)).toBe(true);
  const characters = watch.counted.reduce((sum, { charactersCount }) => sum + charactersCount, 0);
  expect(characters).toBe(pieces.join('').length);
});

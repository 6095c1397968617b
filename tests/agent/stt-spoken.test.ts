import { initializeLogger } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spokenCaller } from '../../agent/person/caller-profile.ts';
import { createStt } from '../../agent/speech/stt/stt.ts';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { countWrongWords } from '../speech/words-wrong.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';
import { silence } from './heard-audio.ts';
import { followStream, sttConfig } from './stt-scene.ts';

initializeLogger({ pretty: false, level: 'fatal' });

const SENTENCES = [
  'How much time do I have left?',
  'I would like to buy the premium package.',
  'Please tell me what the weather is like.',
  'Thank you very much for your help.',
];
/** Faster than people speak, and slower than the models hear. */
const SPEED = 3;

let speech: SpeechServer;
let models: SpeechModels;
let proxy: Awaited<ReturnType<typeof startCuttableProxy>>;
let sentences: Int16Array[];

beforeAll(async () => {
  [speech, models] = await Promise.all([
    startSpeechServer({ deepgramApiKey: 'deepgram-secret-key', openaiApiKey: 'key' }),
    startSpeechModels(),
  ]);
  proxy = await startCuttableProxy(Number(new URL(speech.url).port));
  sentences = await Promise.all(SENTENCES.map(async (text) => (await models.synthesize(text, 'rms')).pcm));
});
afterAll(async () => {
  proxy.close();
  await models.close();
  await speech.close();
});

/** Says all sentences; the connection is cut in the middle of each, and once between the first two. */
async function sayWithCuts(stream: Parameters<typeof followStream>[0]) {
  const heard = followStream(stream, SPEED);
  for (const [index, samples] of sentences.entries()) {
    const half = Math.floor(samples.length / 2);
    await heard.speak(samples.subarray(0, half));
    proxy.cut();
    await heard.speak(samples.subarray(half), silence(1.5));
    if (index === 0) proxy.cut();
  }
  return heard;
}

test('with real speech, whatever is cut: every sentence is heard once, in its order', async () => {
  const config = sttConfig({ DEEPGRAM_BASE_URL: `http://127.0.0.1:${proxy.port}` });
  const ownStt = createStt(config, spokenCaller(config));
  const stream = ownStt.stream();
  const heard = await sayWithCuts(stream);
  stream.endInput();
  await heard.ended;
  const said = SENTENCES.join(' ');
  // The recogniser mishears one word of twenty; a word too few or too many counts as much.
  expect(countWrongWords(said, heard.words().join(' ')).wrong).toBeLessThanOrEqual(2);
  expect(heard.starts()).toBe(SENTENCES.length);
});

test('negative control: the plugin of the framework loses most of it', async () => {
  const plugin = new deepgram.STT({ apiKey: 'deepgram-secret-key', baseUrl: `ws://127.0.0.1:${proxy.port}` });
  const stream = plugin.stream();
  const heard = await sayWithCuts(stream);
  const { wrong, total } = countWrongWords(SENTENCES.join(' '), heard.words().join(' '));
  expect(wrong).toBeGreaterThan(total / 2);
  stream.close();
});

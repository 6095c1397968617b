import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { countWrongWords } from '../speech/words-wrong.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';
import { sttConfig } from './stt-scene.ts';
import { startTalkingSession } from './talking-session.ts';

initializeLogger({ pretty: false, level: 'fatal' });

let speech: SpeechServer;
let models: SpeechModels;
let proxy: Awaited<ReturnType<typeof startCuttableProxy>>;

beforeAll(async () => {
  [speech, models] = await Promise.all([
    startSpeechServer({ deepgramApiKey: 'deepgram-secret-key', openaiApiKey: 'key' }),
    startSpeechModels(),
  ]);
  proxy = await startCuttableProxy(Number(new URL(speech.url).port));
});
afterAll(async () => {
  proxy.close();
  await models.close();
  await speech.close();
});

const settings = () => ({
  OPENAI_BASE_URL: `${speech.url}/v1`,
  DEEPGRAM_BASE_URL: `http://127.0.0.1:${proxy.port}`,
});

test('a connection that is cut in the middle of a sentence costs the caller nothing, not even a question', async () => {
  const outages: string[] = [];
  const talk = await startTalkingSession(sttConfig(settings()), models, {
    onLost: () => void outages.push('lost'),
    onBack: () => void outages.push('back'),
  });
  await talk.say('My name is Robert.');
  await talk.hear();
  const question = 'Can you please tell me what is my name?';
  await talk.say(question, () => proxy.cut());
  expect(await talk.hear()).toMatch(/\w+ \w+/);
  const [, heard, ...more] = talk.callerSaid();
  // The recogniser mishears one word of twenty; a word that is missing or heard twice counts as much.
  expect(countWrongWords(question, heard ?? '').wrong, heard).toBeLessThanOrEqual(1);
  expect(more).toEqual([]);
  expect([outages, talk.questions()]).toEqual([['lost', 'back'], 0]);
  await talk.close();
});

test('a caller whom nobody hears is asked again in the end, and what they said is heard when somebody listens', async () => {
  let isLost = false;
  const talk = await startTalkingSession(sttConfig(settings()), models, {
    onLost() {
      isLost = true;
    },
    onBack() {
      isLost = false;
    },
  });
  await talk.say('My name is Robert.');
  await talk.hear();
  proxy.refuse();
  await talk.say('What is my name?');
  expect(await talk.hear()).toMatch(/did not hear/i);
  expect([talk.questions(), isLost]).toEqual([1, true]);
  proxy.restore();
  expect(await talk.hear()).toMatch(/your name is|you are|rober|ruper/i);
  expect(talk.callerSaid()).toHaveLength(2);
  expect(isLost).toBe(false);
  await talk.close();
});

test('a recogniser that hangs is found out by voice activity, and the fallback hears what was said', async () => {
  const talk = await startTalkingSession(
    sttConfig({
      ...settings(),
      DEEPGRAM_FALLBACK_BASE_URL: speech.url,
      DEEPGRAM_FALLBACK_API_KEY: 'deepgram-secret-key',
    }),
    models,
  );
  await talk.say('My name is Robert.');
  await talk.hear();
  proxy.stall();
  await talk.say('What is my name?');
  expect(await talk.hear()).toMatch(/your name is|you are|rober|ruper/i);
  expect(talk.stt.provider).toBe(new URL(speech.url).host);
  expect(talk.callerSaid()).toHaveLength(2);
  expect(talk.questions()).toBe(0);
  proxy.restore();
  await talk.close();
});

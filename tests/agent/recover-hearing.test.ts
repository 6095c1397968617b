import { initializeLogger, voice } from '@livekit/agents';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UNKNOWN_CALLER } from '../../agent/person/caller-profile.ts';
import { createModels } from '../../agent/speech/create-models.ts';
import { createHearing } from '../../agent/speech/hearing/create-hearing.ts';
import { recoverHearing, TRANSCRIPTION_TIMEOUT_MS } from '../../agent/speech/hearing/recover-hearing.ts';
import { Ear } from '../../local/caller/ear.ts';
import { createInProcessLine } from '../../local/caller/in-process-line.ts';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';

initializeLogger({ pretty: false, level: 'fatal' });

let speech: SpeechServer;
let models: SpeechModels;
let proxy: Awaited<ReturnType<typeof startCuttableProxy>>;

beforeAll(async () => {
  [speech, models] = await Promise.all([
    startSpeechServer({ deepgramApiKey: 'key', openaiApiKey: 'key' }),
    startSpeechModels(),
  ]);
  proxy = await startCuttableProxy(Number(new URL(speech.url).port));
});
afterAll(async () => {
  proxy.close();
  await models.close();
  await speech.close();
});

test('when the connection to Deepgram drops, the agent asks again, hears again, and remembers', async () => {
  const config = loadConfig(callVariables, {
    SUPABASE_URL: 'http://127.0.0.1:1',
    SUPABASE_SERVICE_ROLE_KEY: 'not used by this test',
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: `${speech.url}/v1`,
    DEEPGRAM_API_KEY: 'key',
    DEEPGRAM_BASE_URL: `http://127.0.0.1:${proxy.port}`,
  });
  const ear = new Ear(1_200);
  const { line, caller, microphone, speaker } = createInProcessLine(ear.listen);
  const session = new voice.AgentSession({
    ...createModels(config, UNKNOWN_CALLER),
    transcriptionTimeout: TRANSCRIPTION_TIMEOUT_MS,
    turnHandling: { turnDetection: 'vad', interruption: { mode: 'vad' } },
  });
  const agent = (options = {}) => new voice.Agent({ ...options, instructions: 'You are MindBot.' });
  recoverHearing(
    session,
    (chatCtx) => agent({ stt: createHearing(config, UNKNOWN_CALLER), chatCtx }),
    pino({ level: 'silent' }),
  );
  session.input.audio = microphone ?? null;
  session.output.audio = speaker ?? null;
  await session.start({ agent: agent(), record: false });

  const say = async (text: string) => {
    const { pcm, sampleRate } = await models.synthesize(text, 'rms');
    await caller.speak(pcm, sampleRate);
    const heard = await ear.next(20_000);
    return heard ? models.transcribe(heard.samples, heard.sampleRate) : 'nothing';
  };
  await say('My name is Robert.');
  proxy.cut();
  expect(await say('What is my name?')).toMatch(/did not hear/i);
  const messages = session.history.items.filter((item) => item.type === 'message');
  expect(messages.some((item) => /name is/i.test(item.textContent ?? ''))).toBe(true);
  expect(await say('What is my name?')).toMatch(/your name is|you are|rober|ruper/i);
  await session.close();
  await line.hangUp();
}, 90_000);

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { initializeLogger, voice } from '@livekit/agents';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { spokenCaller } from '../../agent/person/caller-profile.ts';
import { createModels } from '../../agent/speech/create-models.ts';
import { turnTaking } from '../../agent/speech/turn-taking.ts';
import { Ear } from '../../local/caller/ear.ts';
import { createInProcessLine } from '../../local/caller/in-process-line.ts';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { sttConfig } from './stt-scene.ts';

const STORY = 'One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve.';
const PAUSE_MS = 2_000;

/** A recogniser, by Deepgram's protocol, for whom every sound is without words. */
async function startDeafRecogniser() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    const alternatives = [{ transcript: '', confidence: 0, words: [] }];
    const result = { type: 'Results', start: 0, duration: 1, is_final: true, channel: { alternatives } };
    const timer = setInterval(() => socket.send(JSON.stringify(result)), 500);
    socket.on('close', () => clearInterval(timer));
  });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

let recogniser: Awaited<ReturnType<typeof startDeafRecogniser>>;
let speech: SpeechServer;
let models: SpeechModels;
beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  [recogniser, speech, models] = await Promise.all([
    startDeafRecogniser(),
    startSpeechServer({ deepgramApiKey: 'key', openaiApiKey: 'key' }),
    startSpeechModels(),
  ]);
});
afterAll(async () => {
  recogniser?.close();
  await speech?.close();
  await models?.close();
});

/** What is heard of a story when somebody makes a sound without words in the middle of it. */
async function storyWithCough(change: (handling: ReturnType<typeof turnTaking>) => void) {
  const config = sttConfig({
    DEEPGRAM_BASE_URL: recogniser.url,
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: `${speech.url}/v1`,
  });
  const handling = turnTaking(config, 'vad');
  change(handling);
  const session = new voice.AgentSession({
    ...createModels(config, spokenCaller(config)),
    turnHandling: handling,
    // Else nobody interrupts the first three seconds, in which a browser learns to cancel its echo.
    aecWarmupDuration: null,
  });
  const ear = new Ear(PAUSE_MS);
  const { line, caller, microphone, speaker } = createInProcessLine(ear.listen);
  session.input.audio = microphone ?? null;
  session.output.audio = speaker ?? null;
  let stops = 0;
  session.on(voice.AgentSessionEventTypes.AgentStateChanged, ({ oldState }) => {
    if (oldState === 'speaking') stops++;
  });
  await session.start({ agent: new voice.Agent({ instructions: 'You are MindBot.' }), record: false });
  const story = session.say(STORY);
  await new Promise<void>((resolve) => {
    session.once(voice.AgentSessionEventTypes.AgentStateChanged, () => setTimeout(resolve, 700));
  });
  const cough = await models.synthesize('Mhm, I see, I see, mhm.', 'rms');
  await caller.speak(cough.pcm, cough.sampleRate);
  const parts = [await ear.next(25_000), await ear.next(15_000)];
  await story.waitForPlayout();
  await session.close();
  await line.hangUp();
  const texts = parts.map((part) => part && models.transcribe(part.samples, part.sampleRate));
  return { heard: (await Promise.all(texts)).join(' ').trim(), stops };
}

test('a cough stops the agent, which goes on where it was', async () => {
  const { heard, stops } = await storyWithCough(() => {});
  expect(stops).toBe(2);
  expect(heard).toMatch(/(twelve|12)\W*$/i);
});

test('and would have cut it off for good without that', async () => {
  const { heard } = await storyWithCough((handling) => {
    handling.interruption = { ...handling.interruption, resumeFalseInterruption: false };
  });
  expect(heard).toMatch(/(one|1)\W/i);
  expect(heard).not.toMatch(/twelve|12/i);
});

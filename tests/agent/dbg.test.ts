import { randomUUID } from 'node:crypto';
import { initializeLogger, voice } from '@livekit/agents';
import { it } from 'vitest';
import { createCall } from '../../agent/call/create-call.ts';
import { Ear } from '../../local/caller/ear.ts';
import { createInProcessLine } from '../../local/caller/in-process-line.ts';
import { startSpeechModels } from '../../local/speech/models.ts';
import { startSpeechServer } from '../../local/speech/server.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { createTestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { giveTime } from '../time/people.ts';

initializeLogger({ pretty: false, level: process.env.FL ?? 'error' });
it('x', async () => {
  const [db, speech, models] = await Promise.all([
    createTestDatabase(),
    startSpeechServer({ deepgramApiKey: 'key', openaiApiKey: 'key' }),
    startSpeechModels(),
  ]);
  const config = loadConfig(callVariables, {
    SUPABASE_URL: db.gateway.url,
    SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: `${speech.url}/v1`,
    DEEPGRAM_API_KEY: 'key',
    DEEPGRAM_BASE_URL: speech.url,
  });
  const { id } = await db.signUp();
  await giveTime(db.sql, id, Number(process.env.OWN ?? 22));
  const ear = new Ear(1300);
  let loud = 0;
  const t0 = performance.now();
  const el = () => Math.round(performance.now() - t0);
  const { line, caller, microphone, speaker } = createInProcessLine((s, r) => {
    ear.listen(s, r);
    let m = 0;
    for (const x of s) m = Math.max(m, Math.abs(x));
    const is = m > 500 ? 1 : 0;
    if (is !== loud) {
      loud = is;
      if (process.env.LOUD) console.log(el(), is ? 'SOUND' : 'silence');
    }
  });
  const callId = randomUUID();
  const { call, session } = await createCall({
    config,
    ticket: { callId, userId: id, roomName: 'r' + callId },
    database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
    line,
    media: {
      turnDetection: 'vad',
      attach(s) {
        s.input.audio = microphone!;
        s.output.audio = speaker!;
        return {};
      },
    },
    logger: createLogger('call', 'info'),
  });
  session.on(voice.AgentSessionEventTypes.UserInputTranscribed, (e) =>
    console.log(el(), 'STT', e.isFinal, e.transcript),
  );
  session.on(voice.AgentSessionEventTypes.ConversationItemAdded, (e: any) =>
    console.log(el(), 'ITEM', e.item.role, e.item.textContent, e.item.interrupted),
  );
  session.on(voice.AgentSessionEventTypes.AgentStateChanged, (e) => console.log(el(), 'agent', e.newState));
  session.on(voice.AgentSessionEventTypes.UserStateChanged, (e) => console.log(el(), 'user', e.newState));
  const run = call.run();
  const h = async () => {
    const u = await ear.next(45000);
    return u && models.transcribe(u.samples, u.sampleRate);
  };
  console.log(el(), 'HEARD', await h());
  const a = await models.synthesize('What are your prices?', 'rms');
  await caller.speak(a.pcm, a.sampleRate);
  console.log(el(), 'asked');
  void (async () => {
    for (;;) console.log(el(), 'HEARD', await h());
  })();
  console.log(el(), await run, line.presence());
  await new Promise((r) => setTimeout(r, 3000));
  await models.close();
  await speech.close();
  await db.close();
}, 100000);

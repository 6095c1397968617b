import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { billedMs } from '../../agent/call/windows.ts';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { type CallConfig, callVariables } from '../../shared/config/variables.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { giveTime, violations } from '../time/people.ts';
import { startSpokenCall } from './spoken-call.ts';

initializeLogger({ pretty: false, level: 'error' });

let db: TestDatabase;
let speech: SpeechServer;
let models: SpeechModels;
let config: CallConfig;

beforeAll(async () => {
  [db, speech, models] = await Promise.all([
    createTestDatabase(),
    startSpeechServer({ deepgramApiKey: 'key', openaiApiKey: 'key' }),
    startSpeechModels(),
  ]);
  config = loadConfig(callVariables, {
    SUPABASE_URL: db.gateway.url,
    SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: `${speech.url}/v1`,
    DEEPGRAM_API_KEY: 'key',
    DEEPGRAM_BASE_URL: speech.url,
  });
});
afterAll(async () => {
  await models.close();
  await speech.close();
  await db.close();
});

async function receiptOf(callId: string) {
  const [row] = await db.sql`select * from public.calls where id = ${callId}`;
  return row;
}

it('asks for the balance aloud, hears the right minutes, says goodbye, and pays for the time on the line', async () => {
  const { id } = await db.signUp();
  await giveTime(db.sql, id, 2846);
  const { callId, caller, ended, say, hearUntil, fallSilent } = await startSpokenCall(config, models, id);
  await hearUntil(/mind ?bot/i);
  await say('How much time do I have left?');
  await hearUntil(/(4[67]|forty[- ](six|seven)) minutes/i);
  await say('Goodbye.');
  const { reason, usedMs, chargedSeconds } = await ended;
  expect(reason).toBe('said_goodbye');
  await fallSilent();
  await hearUntil(/thank you for calling/i);
  expect(chargedSeconds).toBeGreaterThan(5);
  const call = await receiptOf(callId);
  expect(call).toMatchObject({ status: 'settled', settled_by: 'worker', charged_seconds: chargedSeconds });
  // A recogniser that a busy machine keeps waiting is an outage, and gives back what was counted in it.
  const billed = billedMs(call?.receipt.windows);
  expect(billed).toBe(usedMs - call?.restored_ms);
  expect(chargedSeconds).toBe(Math.floor(billed / 1000));
  expect(caller.messages.at(-1)).toMatchObject({ type: 'ended', charged_seconds: chargedSeconds });
  const [account] = await db.sql`select * from public.time_accounts where user_id = ${id}`;
  expect(account).toMatchObject({ balance_seconds: 2846 - (chargedSeconds ?? 0), held_seconds: 0 });
  expect(await violations(db.sql)).toEqual([]);
});

const OWNED_SECONDS = 22;
const LONGER_THAN_OWNED = `${'The packages are these, and there is much to say about each of them. '.repeat(10)} That is the end.`;

it('is told goodbye in the middle of a sentence when time is used up, and the goodbye is heard to its end', async () => {
  const { id } = await db.signUp();
  await giveTime(db.sql, id, OWNED_SECONDS);
  const { callId, ended, hear, hearUntil, fallSilent, session } = await startSpokenCall(
    { ...config, DESK_SECONDS: 0 },
    models,
    id,
  );
  await hear();
  session.say(LONGER_THAN_OWNED);
  expect(await ended).toEqual({
    reason: 'time_used_up',
    usedMs: OWNED_SECONDS * 1000,
    chargedSeconds: OWNED_SECONDS,
  });
  await fallSilent();
  const said = await hearUntil(/packages.*time is used up.*take care/is);
  expect(said).not.toMatch(/that is the end/i);
  const call = await receiptOf(callId);
  expect(call?.receipt).toMatchObject({ charged_seconds: OWNED_SECONDS, balance_seconds: 0 });
  expect(call?.receipt.windows.at(-1)).toMatchObject({ reason: 'goodbye', billed: false });
  expect(await violations(db.sql)).toEqual([]);
});

import { randomUUID } from 'node:crypto';
import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCall } from '../../agent/call/create-call.ts';
import { UNKNOWN_CALLER } from '../../agent/person/caller-profile.ts';
import { callRoomName } from '../../shared/api/calls.ts';
import { listPackages } from '../../shared/catalogue/list-packages.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { callVariables } from '../../shared/config/variables.ts';
import { createLogger } from '../../shared/logging.ts';
import { FakeLine } from '../agent/fake-call.ts';
import { startLanguageModel } from '../agent/language-model-server.ts';
import { until } from '../agent/worker-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { giveTime } from '../time/people.ts';
import { amountHeard, secondsHeard } from './read-aloud.ts';

// A tool that refuses is an error to the framework, and expected here.
initializeLogger({ pretty: false, level: 'fatal' });

let db: TestDatabase;
let model: Awaited<ReturnType<typeof startLanguageModel>>;
beforeAll(async () => {
  [db, model] = await Promise.all([createTestDatabase(), startLanguageModel('key')]);
});
afterAll(async () => {
  await model.close();
  await db.close();
});

/** A call by text with somebody who speaks German. What they say is English here, as the stand-in knows no other. */
async function germanCall(seconds: number) {
  const { id: userId } = await db.signUp();
  if (seconds > 0) await giveTime(db.sql, userId, seconds);
  const callId = randomUUID();
  const line = new FakeLine('present');
  const { call, session } = await createCall({
    config: loadConfig(callVariables, {
      SUPABASE_URL: db.gateway.url,
      SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
      OPENAI_API_KEY: 'key',
      OPENAI_BASE_URL: model.baseUrl,
      DEEPGRAM_API_KEY: 'key',
      ACTIVATION_CODE_KEY: 'an activation code key for tests only, of enough length',
    }),
    ticket: { callId, userId, roomName: callRoomName(callId) },
    database: db.service,
    line,
    media: { turnDetection: null, attach: () => ({}) },
    caller: { ...UNKNOWN_CALLER, locale: 'de-AT' },
    logger: createLogger('call', 'silent'),
  });
  const said = () =>
    session.history.items.flatMap((item) =>
      item.type === 'message' && item.role === 'assistant' ? [item.textContent ?? ''] : [],
    );
  const ask = async (userInput: string) => {
    await session.run({ userInput }).wait();
    return said().at(-1) ?? '';
  };
  return { call, line, said, ask, instructions: () => String(session.currentAgent.instructions) };
}

it('is German from the greeting to the goodbye, and every price is the one in the catalogue', async () => {
  const { call, line, said, ask, instructions } = await germanCall(2846);
  const ended = call.run();
  await until('the clock runs', () => line.of('meter').at(-1)?.state === 'running');
  // What was just given to a person expires within a week.
  expect(said()).toEqual([
    'Guten Tag, hier ist MindBot. Sie haben 47 Minuten und 26 Sekunden. Davon sollten Sie 47 Minuten und 26 Sekunden innerhalb einer Woche nutzen, danach verfällt diese Zeit. Was kann ich für Sie tun?',
  ]);
  expect(instructions()).toMatch(/^Speak German only, in the polite form\.$/m);

  const [, left = ''] =
    /^Sie haben noch (.*?)\. Davon/.exec(await ask('How much time do I have left?')) ?? [];
  expect(secondsHeard(left, 'de-DE')).toBeGreaterThan(2800);
  expect(secondsHeard(left, 'de-DE')).toBeLessThanOrEqual(2846);

  const { packages, currency } = await listPackages(db.service);
  const prices = await ask('What are your prices?');
  for (const { name, total_minutes, price_cents } of packages) {
    const [, time = '', price = ''] =
      new RegExp(`Mit ${name} bekommen Sie (.*?) für (.*?)\\.`).exec(prices) ?? [];
    expect(secondsHeard(time, 'de-DE'), name).toBe(total_minutes * 60);
    expect(amountHeard(price, currency, 'de-DE'), name).toBe(price_cents);
  }

  expect(await ask('I want to buy the basic package.')).toBe(
    'Ich habe die Kasse für Basic geöffnet: 5 Stunden und 30 Minuten für 44 Dollar und 99 Cent. Bitte zahlen Sie auf Ihrer Seite, und die Zeit gehört sofort Ihnen.',
  );
  expect(await ask('I have an activation code.')).toMatch(/^In diesem Gespräch .* auf Ihrer Seite ein\.$/);
  await ask('Goodbye.');
  expect(await ended).toMatchObject({ reason: 'said_goodbye' });
  expect(said().at(-1)).toBe('Auf Wiederhören, und danke für Ihren Anruf.');
});

it('is refused in German', async () => {
  const { call, said } = await germanCall(0);
  expect(await call.run()).toMatchObject({ reason: 'refused' });
  expect(said()).toEqual(['Sie haben keine Zeit mehr.']);
});

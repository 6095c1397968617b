import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCall } from '../../agent/call/create-call.ts';
import type { CallMeasures } from '../../agent/measures/call-measures.ts';
import { type SpeechModels, startSpeechModels } from '../../local/speech/models.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { callRoomName } from '../../shared/api/calls.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { type CallConfig, callVariables } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { FakeLine } from '../agent/fake-call.ts';
import { startLanguageModel } from '../agent/language-model-server.ts';
import { startSpokenCall } from '../agent/spoken-call.ts';
import { until } from '../agent/worker-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { giveTime, violations } from '../time/people.ts';

initializeLogger({ pretty: false, level: 'error' });

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

/** Prices of what answers on this machine, so that it costs something. */
const PRICES = JSON.stringify({
  'gpt-4.1-mini': { input_micros_per_million_tokens: 1_000_000, output_micros_per_million_tokens: 2_000_000 },
  'gpt-4o-mini-tts': { micros_per_million_characters: 10_000_000 },
  'nova-3': { micros_per_minute: 6_000 },
});

function configFor(addresses: Record<string, string>): CallConfig {
  return loadConfig(callVariables, {
    SUPABASE_URL: db.gateway.url,
    SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
    OPENAI_API_KEY: 'key',
    DEEPGRAM_API_KEY: 'key',
    ...addresses,
  });
}

async function personWith(seconds: number): Promise<string> {
  const { id } = await db.signUp();
  await giveTime(db.sql, id, seconds);
  return id;
}

async function rowOf(callId: string) {
  const [row] = await db.sql`select * from public.voice_sessions where id = ${callId}`;
  if (row === undefined) throw new Error('no such call');
  return row as typeof row & { measures: CallMeasures };
}

describe('a call by text', () => {
  let model: Awaited<ReturnType<typeof startLanguageModel>>;
  beforeAll(async () => {
    model = await startLanguageModel('key');
  });
  afterAll(() => model.close());

  async function textCall(variables: Record<string, string> = {}) {
    const callId = randomUUID();
    const userId = await personWith(600);
    const config = configFor({ OPENAI_BASE_URL: model.baseUrl, ...variables });
    const line = new FakeLine('present');
    const { call, session } = await createCall({
      config,
      ticket: { callId, userId, roomName: callRoomName(callId) },
      database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
      line,
      media: { turnDetection: null, attach: () => ({}) },
      logger: createLogger('call', 'silent'),
    });
    const ended = call.run();
    await until('the clock runs', () => line.of('meter').at(-1)?.state === 'running');
    const ask = (userInput: string) => session.run({ userInput }).wait();
    const hangUp = async () => {
      line.become('left');
      return ended;
    };
    return { callId, ask, hangUp, ended };
  }

  it('has its turns, tools, tokens and cost in the books, with the bill', async () => {
    const { callId, ask, hangUp } = await textCall({ PROVIDER_PRICES: PRICES });
    await ask('How much time do I have left?');
    await ask('What are your prices?');
    const { chargedSeconds } = await hangUp();
    const row = await rowOf(callId);
    expect(row).toMatchObject({ status: 'settled', charged_seconds: chargedSeconds, turns: 2 });
    expect(row).toMatchObject({ interruptions: 0, errors: 0, quality: expect.any(Number) });
    expect(row.latency_p50_ms).toBeGreaterThan(0);
    expect(row.latency_p95_ms).toBeGreaterThanOrEqual(row.latency_p50_ms);
    const { measures } = row;
    expect(measures).toMatchObject({
      tool_calls: 2,
      failed_tool_calls: 0,
      unanswered_turns: 0,
      unpriced: [],
    });
    const [used] = measures.llm;
    expect(used).toMatchObject({ model: 'gpt-4.1-mini', provider: new URL(model.baseUrl).host, requests: 4 });
    expect(used?.input_tokens).toBeGreaterThan(0);
    // By hand: a dollar for a million tokens in, two for as many out.
    expect(Number(row.provider_cost_micros)).toBe((used?.input_tokens ?? 0) + 2 * (used?.output_tokens ?? 0));
    expect(measures.latest_turns).toHaveLength(2);
    expect(measures.parts.llm_first_token).toMatchObject({ count: 2 });
    // Figures, and never words.
    expect(JSON.stringify(measures)).not.toMatch(/how much|left|your prices|minute|starter|dollar/i);
    expect(await violations(db.sql)).toEqual([]);
  });

  it('costs nothing where the model is on this machine and has no price of its own', async () => {
    const { callId, ask, hangUp } = await textCall();
    await ask('How much time do I have left?');
    await hangUp();
    expect(await rowOf(callId)).toMatchObject({ provider_cost_micros: '0', measures: { unpriced: [] } });
  });

  it('has turns without an answer, and errors, and is of poor quality, when the model fails', {
    timeout: 60_000,
  }, async () => {
    const { callId, ask, ended } = await textCall();
    model.break(true);
    for (let turn = 0; turn < 3; turn++) await ask('What are your prices?');
    model.break(false);
    expect(await ended).toMatchObject({ reason: 'provider_outage' });
    const row = await rowOf(callId);
    expect(row.measures.unanswered_turns).toBe(3);
    expect(row.measures.errors_by_provider).toEqual({ [`llm@${new URL(model.baseUrl).host}`]: row.errors });
    expect(row.errors).toBeGreaterThanOrEqual(3);
    // No answer, so nothing that could be late: 30 for the turns, 5 for the errors, 15 for the end.
    expect(row).toMatchObject({ turns: 3, latency_p50_ms: null, quality: 50 });
  });
});

/** Stands in front of a speech server and counts the characters that it is asked to speak. */
async function startCounting(url: string) {
  let characters = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.method === 'POST') characters += (JSON.parse(body) as { input: string }).input.length;
    const { method = 'GET', headers } = request;
    const sent = { 'content-type': 'application/json', authorization: headers.authorization ?? '' };
    const answer = await fetch(url + request.url, { method, headers: sent, body: body || null });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    characters: () => characters,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a spoken call', () => {
  let speech: SpeechServer;
  let models: SpeechModels;
  let counting: Awaited<ReturnType<typeof startCounting>>;
  beforeAll(async () => {
    [speech, models] = await Promise.all([
      startSpeechServer({ deepgramApiKey: 'key', openaiApiKey: 'key' }),
      startSpeechModels(),
    ]);
    counting = await startCounting(speech.url);
  });
  afterAll(async () => {
    counting.close();
    await models.close();
    await speech.close();
  });

  it('has every part of its turns, characters once, and seconds heard', { timeout: 60_000 }, async () => {
    const config = configFor({
      OPENAI_BASE_URL: `${speech.url}/v1`,
      OPENAI_TTS_BASE_URL: `${counting.url}/v1`,
      DEEPGRAM_BASE_URL: speech.url,
      PROVIDER_PRICES: PRICES,
    });
    const call = await startSpokenCall(config, models, await personWith(2846));
    await call.hear();
    await call.say(
      'Hello there. I would like to know one thing, and it is this: how much time do I have left?',
    );
    await call.hear();
    await call.say('That is good to know, thank you very much. Goodbye.');
    await call.ended;
    const row = await rowOf(call.callId);
    expect(row.turns).toBeGreaterThanOrEqual(2);
    const { parts, tts, stt } = row.measures;
    for (const part of ['end_of_turn', 'transcription', 'llm_first_token', 'tts_first_byte', 'whole']) {
      expect.soft(parts[part], part).toMatchObject({ p50_ms: expect.any(Number) });
    }
    for (const [endOfTurn, , , , whole] of row.measures.latest_turns) {
      // What is prepared is heard at once, but never before the turn is over.
      if (whole !== null) expect(whole).toBeGreaterThanOrEqual(endOfTurn ?? Number.NaN);
    }
    expect(tts).toMatchObject([{ model: 'gpt-4o-mini-tts', provider: new URL(counting.url).host }]);
    // Not twice, as the framework's own total has it. What was asked for at the very end comes after the bill.
    expect(tts[0]?.characters).toBeLessThanOrEqual(counting.characters());
    expect(tts[0]?.characters).toBeGreaterThan(counting.characters() / 2);
    expect(stt).toMatchObject([{ model: 'nova-3', provider: new URL(speech.url).host }]);
    expect(Number(row.provider_cost_micros)).toBeGreaterThan((tts[0]?.characters ?? 0) * 10 - 1);
  });
});

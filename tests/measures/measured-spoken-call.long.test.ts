import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSpokenCall } from '../agent/spoken-call.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { signUpWith } from '../time/people.ts';
import { startVoiceStack, type VoiceStack } from '../voice/voice-stack.ts';
import { PRICES, rowOf } from './priced-calls.ts';

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
  let db: TestDatabase;
  let stack: VoiceStack;
  let counting: Awaited<ReturnType<typeof startCounting>>;
  beforeAll(async () => {
    [db, stack] = await Promise.all([createTestDatabase(), startVoiceStack()]);
    counting = await startCounting(stack.speech.url);
  });
  afterAll(async () => {
    counting.close();
    await stack.close();
    await db.close();
  });

  it('has every part of its turns, characters once, and seconds heard', async () => {
    const config = stack.config(db, { OPENAI_TTS_BASE_URL: `${counting.url}/v1`, PROVIDER_PRICES: PRICES });
    const call = await startSpokenCall(config, stack.models, await signUpWith(db, 2846));
    await call.hear();
    await call.say(
      'Hello there. I would like to know one thing, and it is this: how much time do I have left?',
    );
    await call.hear();
    await call.say('That is good to know, thank you very much. Goodbye.');
    await call.ended;
    const row = await rowOf(db, call.callId);
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
    expect(stt).toMatchObject([{ model: 'nova-3', provider: new URL(stack.speech.url).host }]);
    expect(Number(row.provider_cost_micros)).toBeGreaterThan((tts[0]?.characters ?? 0) * 10 - 1);
  });
});

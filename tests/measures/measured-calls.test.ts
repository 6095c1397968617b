import { initializeLogger } from '@livekit/agents';
import { describe, expect, vi } from 'vitest';
import { createTextCall } from '../agent/start-text-call.ts';
import { testWithModel as it } from '../agent/test-with-model.ts';
import type { TestDatabase } from '../support/database.ts';
import { signUpWith, violations } from '../time/people.ts';
import { PRICES, rowOf } from './priced-calls.ts';

initializeLogger({ pretty: false, level: 'error' });

type Servers = { db: TestDatabase; model: { baseUrl: string } };

describe('a call by text', () => {
  async function textCall({ db, model }: Servers, variables: Record<string, string> = {}) {
    const userId = await signUpWith(db, 600);
    const { ask, begin, callId, line } = await createTextCall(db, model, { userId, variables });
    const { ended } = await begin();
    const hangUp = async () => {
      line.become('left');
      return ended;
    };
    return { callId, ask, hangUp, ended };
  }

  it('has its turns, tools, tokens and cost in the books, with the bill', async ({ db, model }) => {
    const { callId, ask, hangUp } = await textCall({ db, model }, { PROVIDER_PRICES: PRICES });
    await ask('How much time do I have left?');
    await ask('What are your prices?');
    const { chargedSeconds } = await hangUp();
    const row = await rowOf(db, callId);
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
    // Each use of a tool is one event of usage, and so is each kind of use of a model.
    const events =
      await db.sql`select kind, tool, quantity::int, metadata ->> 'outcome' as outcome from public.usage_events
      where call_id = ${callId} order by kind, tool`;
    const toolCall = { kind: 'tool_call', quantity: 1, outcome: 'ok' };
    expect(events.filter(({ kind }) => kind === 'tool_call')).toEqual([
      { ...toolCall, tool: 'check_time_balance' },
      { ...toolCall, tool: 'get_pricing_packages' },
    ]);
    const usage = Object.fromEntries(events.map(({ kind, quantity }) => [kind, quantity]));
    expect(usage).toMatchObject({
      llm_input_token: used?.input_tokens,
      llm_output_token: used?.output_tokens,
    });
    expect(usage.voice_second ?? 0).toBe(chargedSeconds);
    // Figures, and never words.
    expect(JSON.stringify(measures)).not.toMatch(/how much|left|your prices|minute|starter|dollar/i);
    expect(await violations(db.sql)).toEqual([]);
  });

  it('waits for nothing of the database in a turn, whatever it uses', async ({ db, model }) => {
    const { ask, hangUp } = await textCall({ db, model });
    await ask('What are your prices?');
    const asked = vi.spyOn(globalThis, 'fetch');
    const ofDatabase = () => asked.mock.calls.filter(([url]) => String(url).startsWith(db.gateway.url));
    // The prices are known, so a turn with this tool has no request of its own.
    await ask('What are your prices?');
    expect(ofDatabase()).toEqual([]);
    await hangUp();
    // It counts: the bill is asked for by the same way.
    expect(ofDatabase().map(([url]) => String(url).split('/').at(-1))).toEqual(['settle_call']);
    asked.mockRestore();
  });

  it('costs nothing where the model is on this machine and has no price of its own', async ({
    db,
    model,
  }) => {
    const { callId, ask, hangUp } = await textCall({ db, model });
    await ask('How much time do I have left?');
    await hangUp();
    expect(await rowOf(db, callId)).toMatchObject({ provider_cost_micros: 0, measures: { unpriced: [] } });
  });

  it('has turns without an answer, and errors, and is of poor quality, when the model fails', async ({
    db,
    model,
  }) => {
    const { callId, ask, ended } = await textCall({ db, model });
    model.break(true);
    for (let turn = 0; turn < 3; turn++) await ask('What are your prices?');
    model.break(false);
    expect(await ended).toMatchObject({ reason: 'provider_outage' });
    const row = await rowOf(db, callId);
    expect(row.measures.unanswered_turns).toBe(3);
    expect(row.measures.errors_by_provider).toEqual({ [`llm@${new URL(model.baseUrl).host}`]: row.errors });
    expect(row.errors).toBeGreaterThanOrEqual(3);
    // No answer, so nothing that could be late: 30 for the turns, 5 for the errors, 15 for the end.
    expect(row).toMatchObject({ turns: 3, latency_p50_ms: null, quality: 50 });
  });
});

import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLanguageModel } from '../agent/language-model-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { lastSessionClosed, runScenario } from './runner/run-scenario.ts';
import { startScriptedModel } from './runner/scripted-model.ts';
import type { Scenario } from './scenario.ts';
import { PURCHASES } from './scenarios/purchases.ts';

initializeLogger({ pretty: false, level: 'fatal' });

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.sql`update pricing_tiers set price_cents = price_cents * 2 + 31, hours = hours + 3`;
});
afterAll(async () => {
  await lastSessionClosed();
  await db.close();
});

const ASKING: Scenario = {
  name: 'asks for every price',
  topic: 'another catalogue',
  turns: [{ says: 'What are your prices?', calls: { get_pricing_packages: {} } }],
};

it('amounts follow the catalogue, whatever it says', async () => {
  const model = await startLanguageModel('key');
  const address = { model: 'gpt-any', apiKey: 'key', baseURL: model.baseUrl };
  const buying = PURCHASES.filter(({ topic }) => topic === 'start_purchase_process');
  for (const scenario of [ASKING, ...buying]) {
    const { record, findings } = await runScenario(scenario, { db, address });
    expect(findings).toEqual([]);
    // 9.99 doubled, and 31 cents.
    if (scenario === ASKING)
      expect(record.turns[0]?.answers.join()).toContain('4 hours for 20 dollars and 29 cents');
  }
  await lastSessionClosed();
  await model.close();
});

it('and what was true of another one is invented', async () => {
  const model = await startScriptedModel();
  model.follow(({ messages }) =>
    messages.at(-1)?.role === 'tool'
      ? { text: 'Starter gives you 1 hour for 9 dollars and 99 cents.' }
      : { call: { name: 'get_pricing_packages', arguments: {} } },
  );
  const { findings } = await runScenario(ASKING, { db, address: model.address });
  expect(findings.map(({ kind }) => kind)).toEqual(['invented_amount', 'invented_amount']);
  await lastSessionClosed();
  await model.close();
});

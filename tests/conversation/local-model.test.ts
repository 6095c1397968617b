import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLanguageModel } from '../agent/language-model-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { violations } from '../time/people.ts';
import { captureLogs } from './runner/capture-logs.ts';
import { readEvaluationSettings } from './runner/evaluation-settings.ts';
import { writeReport } from './runner/report.ts';
import { lastSessionClosed, type Played, runScenario } from './runner/run-scenario.ts';
import { SCENARIOS } from './scenarios/all-scenarios.ts';

let db: TestDatabase;
let model: Awaited<ReturnType<typeof startLanguageModel>>;
const logs = captureLogs();
const played: Played[] = [];
beforeAll(async () => {
  [db, model] = await Promise.all([createTestDatabase(), startLanguageModel('key')]);
});
afterAll(async () => {
  await lastSessionClosed();
  logs.stop();
  await model.close();
  await db.close();
  const { folder } = readEvaluationSettings(process.env);
  console.log(writeReport(folder, 'local-model', 'The intent matcher of this machine', played));
});

describe.concurrent('on the intent matcher of this machine', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const address = { model: 'gpt-any', apiKey: 'key', baseURL: model.baseUrl };
    const result = await runScenario(scenario, { db, address, logs: logs.since() });
    played.push(result);
    expect(result.findings).toEqual([]);
    expect(result.record.kept.logs).not.toBe('');
  });
});

it('and afterwards the books are right', async () => {
  expect(played.length).toBeGreaterThan(0);
  expect(await violations(db.sql)).toEqual([]);
});

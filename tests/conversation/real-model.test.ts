import { initializeLogger } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { GRAVE } from './checks/record.ts';
import { HOW_TO_EVALUATE, readEvaluationSettings } from './runner/evaluation-settings.ts';
import { writeReport } from './runner/report.ts';
import { lastSessionClosed, type ModelAddress, type Played, runScenario } from './runner/run-scenario.ts';
import { SCENARIOS } from './scenarios/all-scenarios.ts';

initializeLogger({ pretty: false, level: 'fatal' });

const settings = readEvaluationSettings(process.env);

if (settings.address) evaluate(settings.address);
else {
  console.log(HOW_TO_EVALUATE);
  const meta = {
    skippedBecause: 'EVAL_OPENAI_API_KEY or EVAL_OPENAI_BASE_URL is not set (docs/evaluation.md)',
  };
  it.skip('the scenarios on a real model', { meta }, () => {});
}

function evaluate(address: ModelAddress): void {
  const { folder, judge, passRate, runs } = settings;
  const played: Played[] = [];
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(async () => {
    await lastSessionClosed();
    await db.close();
    const title = `${address.model}, judged by ${judge?.model}, ${runs} runs of each scenario`;
    console.log(writeReport(folder, 'real-model', title, played));
  });

  describe.concurrent(`on ${address.model}`, () => {
    it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
      '%s',
      async (_, scenario) => {
        const mine: Played[] = [];
        const stage = { db, address, judge: judge && new openai.LLM(judge) };
        for (let run = 0; run < runs; run++) mine.push(await runScenario(scenario, stage));
        played.push(...mine);
        const findings = mine.flatMap((one) => one.findings);
        expect(findings.filter(({ kind }) => GRAVE.includes(kind))).toEqual([]);
        const passed = mine.filter((one) => one.findings.length === 0).length;
        expect(passed / runs, JSON.stringify(findings, null, 2)).toBeGreaterThanOrEqual(passRate);
      },
      600_000,
    );
  });
}

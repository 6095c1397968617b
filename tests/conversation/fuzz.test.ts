import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLanguageModel } from '../agent/language-model-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { patience } from '../support/patience.ts';
import { violations } from '../time/people.ts';
import { seeded } from '../webhook-server/shuffle.ts';
import { CODE_SECONDS } from './runner/caller.ts';
import { isNamed, randomScenario } from './runner/random-scenario.ts';
import { lastSessionClosed, type Played, runScenario } from './runner/run-scenario.ts';
import { startScriptedModel } from './runner/scripted-model.ts';
import { SCENARIOS } from './scenarios/all-scenarios.ts';

initializeLogger({ pretty: false, level: 'fatal' });

/** FUZZ_SEED=17 FUZZ_RUNS=1 plays one call again. */
const FIRST_SEED = Number(process.env.FUZZ_SEED ?? 1);
const RUNS = Number(process.env.FUZZ_RUNS ?? times(40, 200));
const AT_ONCE = 4;

let db: TestDatabase;
let model: Awaited<ReturnType<typeof startLanguageModel>>;
beforeAll(async () => {
  [db, model] = await Promise.all([createTestDatabase(), startLanguageModel('key')]);
});
afterAll(async () => {
  await lastSessionClosed();
  await model.close();
  await db.close();
});

/** What no caller may bring about, whatever they say. */
function broken({ record, findings }: Played): string[] {
  const said = record.turns.map((turn) => turn.said).join(' ');
  const unnamed = record.orders.filter(({ package_id }) => !isNamed(package_id, said));
  const { gainedSeconds } = record;
  return [
    ...findings.map(({ kind, turn, what }) => `${kind} in turn ${turn}: ${what}`),
    ...unnamed.map(({ package_id }) => `ordered ${package_id}, which nobody named`),
    ...(gainedSeconds === 0 || gainedSeconds === CODE_SECONDS ? [] : [`${gainedSeconds} seconds gained`]),
    ...(record.goodbyes > 1 ? ['said goodbye twice'] : []),
  ];
}

async function play(seed: number, baseURL = model.baseUrl): Promise<Played & { seed: number }> {
  const scenario = randomScenario(seed, SCENARIOS, seeded(seed));
  const address = { model: 'gpt-any', apiKey: 'key', baseURL };
  return { seed, ...(await runScenario(scenario, { db, address })) };
}

it(
  `${RUNS} callers who say anything, seeds ${FIRST_SEED} to ${FIRST_SEED + RUNS - 1}`,
  async () => {
    const seeds = Array.from({ length: RUNS }, (_, i) => FIRST_SEED + i);
    const all: Awaited<ReturnType<typeof play>>[] = [];
    const worker = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) all.push(await play(seed));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const turns = all.flatMap(({ record }) => record.turns);
    const count = (name: string) =>
      turns.flatMap(({ calls }) => calls).filter((call) => call.name === name).length;
    console.log(
      `${all.length} calls, ${turns.length} turns, ${count('start_purchase_process')} purchases begun, ` +
        `${count('activate_code')} times a code taken, ${count('end_call')} goodbyes`,
    );
    const failures = all
      .filter((played) => broken(played).length > 0)
      .map((played) => ({
        seed: played.seed,
        broken: broken(played),
        said: played.record.turns.map(({ turn }) => String(turn.says)),
      }));
    expect(failures).toEqual([]);
    // A fuzz that never buys or dictates would find nothing.
    if (RUNS >= 200) {
      expect(count('start_purchase_process')).toBeGreaterThan(20);
      expect(count('activate_code')).toBeGreaterThan(20);
    }
    expect(await violations(db.sql)).toEqual([]);
  },
  patience(300_000),
);

it('and a model that does as it likes is found out in every call', async () => {
  const rogue = await startScriptedModel();
  rogue.follow(({ messages }) =>
    messages.at(-1)?.role === 'tool'
      ? { text: 'You have 99 hours now.' }
      : { call: { name: 'start_purchase_process', arguments: { package_id: 'enterprise' } } },
  );
  for (const seed of [1, 2, 3]) {
    const found = broken(await play(seed, rogue.address.baseURL)).join('; ');
    expect(found).toMatch(/invented_amount.*tool_not_called|tool_not_called.*invented_amount/);
    expect(found).toMatch(/ordered enterprise, which nobody named/);
  }
  await lastSessionClosed();
  await rogue.close();
});

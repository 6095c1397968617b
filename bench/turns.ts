import { initializeLogger } from '@livekit/agents';
import { loadConfig } from '../shared/config/load-config.ts';
import { callVariables } from '../shared/config/variables.ts';
import { loadPeople } from './load-people.ts';
import { percentile, type Result } from './results.ts';
import { startSlowModel } from './slow-model.ts';
import { startGatewayProcess } from './start-gateway-process.ts';
import { type BenchServer, KEYS } from './start-server.ts';
import { type Session, startBareAgent, startBilledAgent, takeTurn } from './talkers.ts';

const MODEL_MS = 100;
/** A sixth of the usual slice: renewals come every 2.5 s, to meet as many turns as possible. */
const SLICE_SECONDS = 5;
const WARM_UP_TURNS = 20;
const PERSON = 50_000_001;

type Turns = { billedMs: number[]; bareMs: number[]; inTurns: Map<string, number>; withTool: number };

async function takeTurns(
  billed: Session,
  bare: Session,
  queries: Map<string, number>,
  turns: number,
): Promise<Turns> {
  const taken: Turns = { billedMs: [], bareMs: [], inTurns: new Map(), withTool: 0 };
  const billedTurn = async (input: string, inTurns: Map<string, number>) => {
    queries.clear();
    const ms = await takeTurn(billed, input);
    for (const [asked, times] of queries) inTurns.set(asked, (inTurns.get(asked) ?? 0) + times);
    return ms;
  };
  for (let turn = -WARM_UP_TURNS; turn < turns; turn++) {
    const counted = turn < 0 ? new Map<string, number>() : taken.inTurns;
    const input = `Tell me something, number ${turn}.`;
    // By turns also who goes first.
    const first = turn % 2 === 0 ? await billedTurn(input, counted) : await takeTurn(bare, input);
    const second = turn % 2 === 0 ? await takeTurn(bare, input) : await billedTurn(input, counted);
    if (turn < 0) continue;
    taken.billedMs.push(turn % 2 === 0 ? first : second);
    taken.bareMs.push(turn % 2 === 0 ? second : first);
  }
  // The counter must be able to count: a turn that sells does ask the database.
  const selling = new Map<string, number>();
  await billedTurn('The starter package is what I want to buy', selling);
  taken.withTool = [...selling].reduce(
    (sum, [asked, times]) => sum + (asked === 'renew_call' ? 0 : times),
    0,
  );
  return taken;
}

function toResults({ billedMs, bareMs, inTurns, withTool }: Turns): Result[] {
  const at = (share: number) => percentile(billedMs, share) / percentile(bareMs, share);
  const figures = (ms: number[]) =>
    `p50 ${percentile(ms, 0.5).toFixed(1)} ms, p99 ${percentile(ms, 0.99).toFixed(1)} ms`;
  const renewals = inTurns.get('renew_call') ?? 0;
  const others = [...inTurns].reduce((sum, [, times]) => sum + times, 0) - renewals;
  return [
    { name: 'turn of the bare agent', value: figures(bareMs), details: `a model of ${MODEL_MS} ms; by text` },
    {
      name: 'turn of the billed agent',
      value: figures(billedMs),
      ratio: { median: at(0.99), range: [at(0.5), at(0.99)], to: 'bare, p99 [p50 to p99]' },
      goal: { text: 'p99 at most 1.02x', met: at(0.99) <= 1.02 },
      details: `${billedMs.length} turns each, by turns; a slice of ${SLICE_SECONDS} s`,
    },
    {
      name: 'queries within a turn',
      value: `${others} in ${billedMs.length} turns`,
      goal: { text: '0', met: others === 0 && withTool > 0 },
      details: `besides, ${renewals} renewals by the meter's own timer met a turn; a turn that sells sent ${withTool}`,
    },
  ];
}

/** What billing adds to the time from the caller's words to the agent's first. */
export async function measureTurns(
  server: BenchServer,
  options: { turns: number },
  progress: (text: string) => void,
): Promise<Result[]> {
  initializeLogger({ pretty: false, level: 'error' });
  await loadPeople(server.sql, { first: PERSON, people: 1, callsEach: 0, cardSeconds: 36_000 });
  const [person] = await server.sql<{ id: string }[]>`select bench.person(${PERSON}) as id`;
  await using gateway = await startGatewayProcess(server.url);
  await using model = await startSlowModel(MODEL_MS);
  const config = loadConfig(callVariables, {
    SUPABASE_URL: gateway.url,
    SUPABASE_SERVICE_ROLE_KEY: KEYS.secretKey,
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: model.url,
    DEEPGRAM_API_KEY: 'key',
    SLICE_SECONDS: String(SLICE_SECONDS),
  });
  const queries = new Map<string, number>();
  const bare = await startBareAgent(config);
  const billed = await startBilledAgent(config, person?.id ?? '', queries);
  progress(`${options.turns} turns of each agent`);
  const taken = await takeTurns(billed.session, bare, queries, options.turns);
  await bare.close();
  const { chargedSeconds } = await billed.hangUp();
  if (!chargedSeconds) throw new Error('The billed call was not billed.');
  return toResults(taken);
}

import { parseArgs } from 'node:util';
import { describeMachine, type Result, tableOf } from '../results.ts';
import { prepareUtterances } from './callers/utterances.ts';
import { type Contender, type ContenderName, startContender, workersFor } from './contenders.ts';
import { measureRamp, type Ramp } from './measure-ramp.ts';
import { measureTurns, type TurnFigures } from './measure-turns.ts';
import { keepReport } from './plot/keep-report.ts';
import { page } from './plot/page.ts';
import { plotBench } from './plot/plot-bench.ts';
import { DELAYS } from './providers/delays.ts';
import { resultsOfRamp } from './results-of-ramp.ts';
import { resultsOfTurns, stagesOf } from './results-of-turns.ts';
import { startVoiceStack, type VoiceStack } from './stack.ts';

const USAGE = `npm run bench:voice -- [options]
  --turns 150      of each agent, over --calls 5 calls
  --at-once 1,2,4,6,8,10,12   numbers of calls at once, --turns-at-once 8 turns in each call
  --only turns     or ramp: only this part
  --quick          little of everything: shows that it works, and measures nothing`;

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    turns: text('150'),
    calls: text('5'),
    'at-once': text('1,2,4,6,8,10,12'),
    'turns-at-once': text('8'),
  },
});
const plan = options.quick
  ? { turns: 4, calls: 1, atOnce: [1, 2], turnsAtOnce: 2 }
  : {
      turns: Number(options.turns),
      calls: Number(options.calls),
      atOnce: options['at-once'].split(',').map(Number),
      turnsAtOnce: Number(options['turns-at-once']),
    };

const startedAt = performance.now();
const progress = (line: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);

async function withContenders<Figures>(
  stack: VoiceStack,
  names: readonly ContenderName[],
  workers: number,
  measure: (contenders: Contender[]) => Promise<Figures>,
): Promise<Figures> {
  const contenders: Contender[] = [];
  try {
    for (const name of names) contenders.push(await startContender(stack, name, workers));
    progress(`ready: ${names.join(', ')}, ${workers} workers each`);
    return await measure(contenders);
  } finally {
    await Promise.all(contenders.map((one) => one.end()));
  }
}

async function measureAll(stack: VoiceStack, questions: Int16Array[]) {
  const figures: { turns?: TurnFigures; ramp?: Ramp } = {};
  if (options.only !== 'ramp') {
    figures.turns = await withContenders(stack, ['ours', 'bare', 'bare with our speech'], 1, (contenders) =>
      measureTurns(stack, contenders, questions, plan, progress),
    );
  }
  if (options.only !== 'turns') {
    const workers = workersFor(Math.max(...plan.atOnce));
    const ramp = { calls: plan.atOnce, turns: plan.turnsAtOnce };
    figures.ramp = await withContenders(stack, ['ours', 'bare'], workers, ([ours, bare]) =>
      measureRamp(stack, [ours as Contender, bare as Contender], questions, ramp, progress),
    );
  }
  return figures;
}

async function main(): Promise<void> {
  const machine = describeMachine();
  console.log(JSON.stringify(machine));
  console.log('Callers in a real LiveKit room on this machine; recogniser, model and voice by script.');
  const questions = await prepareUtterances();
  await using stack = await startVoiceStack();
  const { turns, ramp } = await measureAll(stack, questions);
  const results: Result[] = [...(turns ? resultsOfTurns(turns) : []), ...(ramp ? resultsOfRamp(ramp) : [])];
  const table = tableOf(results);
  console.log(`\n${table}\n`);
  const stages = turns?.contenders.map((name, index) => ({ name, ...stagesOf(turns, index) }));
  if (stages) console.table(stages);
  const report = { machine, delays: DELAYS, plan, results, stages, turns, ramp };
  const html = page('Voice bench', plotBench({ ...(turns && { turns }), ...(ramp && { ramp }) }), table);
  console.log(`kept in ${(await keepReport('voice', report, html)).join(', ')}`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (options.help) console.log(USAGE);
else await main();
// The media client keeps threads of its own.
process.exit();

import { parseArgs } from 'node:util';
import { describeMachine } from '../../results.ts';
import { prepareUtterances } from '../callers/utterances.ts';
import { keepReport } from '../plot/keep-report.ts';
import { page } from '../plot/page.ts';
import { startVoiceStack } from '../stack.ts';
import { checkSoak } from './check-soak.ts';
import { plotSoak } from './plot-soak.ts';
import { runSoak } from './run-soak.ts';

const USAGE = `npm run soak -- [options]
  --calls 200   in all
  --at-once 20  of them
  --seed 1      of what the callers do`;

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    calls: text('200'),
    'at-once': text('20'),
    seed: text('1'),
  },
});

const startedAt = performance.now();
const progress = (line: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);

/** @returns whether all checks hold */
async function main(): Promise<boolean> {
  const machine = describeMachine();
  console.log(JSON.stringify(machine));
  const plan = {
    calls: Number(options.calls),
    atOnce: Number(options['at-once']),
    seed: Number(options.seed),
  };
  const questions = await prepareUtterances();
  await using stack = await startVoiceStack();
  const figures = await runSoak(stack, questions, plan, progress);
  const checks = checkSoak(figures);
  const table = checks
    .map(({ what, holds, detail }) => `${holds ? '✓' : '✗'} ${what} (${detail})`)
    .join('\n');
  console.log(`\n${table}\n`);
  const html = page('Soak', plotSoak(figures), table);
  console.log(
    `kept in ${(await keepReport('soak', { machine, plan, checks, ...figures }, html)).join(', ')}`,
  );
  return checks.every(({ holds }) => holds);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (options.help) console.log(USAGE);
else process.exitCode = (await main()) ? 0 : 1;
// The media client keeps threads of its own.
process.exit();

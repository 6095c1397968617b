import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findProject } from '../commands/basics/project.ts';
import { measureMillion, type Order } from './million.ts';
import { measureRenewals } from './renewals.ts';
import { describeMachine, type Result, tableOf } from './results.ts';
import { startBenchServer } from './start-server.ts';
import { measureTurns } from './turns.ts';
import { measureWebhooks } from './webhooks.ts';

const USAGE = `npm run bench -- [options]
  --million            one million open calls for two minutes, instead of the rest (about 5 minutes)
  --only renewals      or turns or webhooks: only this part
  --rounds 5           of the renewals, and --seconds 4 for each measurement in one
  --turns 300          of each agent
  --requests 2000      of each webhook server in a round
  --calls 1000000      with --million: how many, for --minutes 2, in batches of --batch 500,
                       over --connections 4, due in --order opened (or random)`;

const number = (fallback: number) => ({ type: 'string', default: String(fallback) }) as const;

function readOptions() {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      million: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: number(5),
      seconds: number(4),
      turns: number(300),
      requests: number(2000),
      calls: number(1_000_000),
      minutes: number(2),
      batch: number(500),
      connections: number(4),
      order: { type: 'string', default: 'opened' },
    },
  });
  return values;
}

const orderOf = (name: string): Order => (name === 'random' ? name : 'opened');

const startedAt = performance.now();
const progress = (text: string) =>
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${text}`);

function keep(report: object): string {
  const folder = join(findProject(process.env).home, 'bench');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(file, JSON.stringify(report, null, 2));
  return file;
}

async function main(options: ReturnType<typeof readOptions>): Promise<void> {
  const machine = describeMachine();
  console.log(JSON.stringify(machine));
  progress('starting PostgreSQL');
  await using server = await startBenchServer();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server[Symbol.asyncDispose]().finally(() => process.exit(130)));
  }
  console.log(JSON.stringify(server.settings));
  const results: Result[] = [];
  if (options.million) {
    const million = {
      calls: Number(options.calls),
      seconds: Number(options.minutes) * 60,
      batch: Number(options.batch),
      connections: Number(options.connections),
      order: orderOf(options.order),
    };
    results.push(...(await measureMillion(server, million, progress)));
  } else {
    const isWanted = (part: string) => options.only === undefined || options.only === part;
    const rounds = Number(options.rounds);
    if (isWanted('renewals')) {
      results.push(
        ...(await measureRenewals(server, { rounds, seconds: Number(options.seconds) }, progress)),
      );
    }
    if (isWanted('webhooks')) {
      const webhooks = { rounds, requests: Number(options.requests) };
      results.push(...(await measureWebhooks(server, webhooks, progress)));
    }
    if (isWanted('turns')) {
      results.push(...(await measureTurns(server, { turns: Number(options.turns) }, progress)));
    }
  }
  console.log(`\n${tableOf(results)}\n`);
  console.log(`kept in ${keep({ machine, settings: server.settings, options, results })}`);
}

const options = readOptions();
if (options.help) console.log(USAGE);
else await main(options);
// The agent keeps timers of its own.
process.exit();

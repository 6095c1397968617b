import { setTimeout as sleep } from 'node:timers/promises';
import { violations } from '../../../tests/time/people.ts';
import { createRandom } from '../bootstrap.ts';
import { type Contender, startContender, untilIdle, workersFor } from '../contenders.ts';
import { processTree } from '../processes/process-tree.ts';
import { SLICE_SECONDS, type VoiceStack } from '../stack.ts';
import { drawPlan, holdCall } from './hold-call.ts';
import type { Sample, SoakCall, SoakFigures, StoredCall } from './soak-figures.ts';
import { takeSample } from './take-sample.ts';

/** Callers of a round come within so long, each: so that processes can be started for them. */
const SPREAD_PER_CALL_MS = 1000;
const SETTLED_WITHIN_MS = 45_000;
/** As often as the sidecar does. */
const REAP_EVERY_MS = 5_000;

/** The calls as the database has them. */
export async function readCalls(stack: VoiceStack, callIds: string[]): Promise<StoredCall[]> {
  const rows = await stack.sql<StoredCall[]>`
    select id, status, settled_by, end_reason, charged_seconds::int, used_ms::int, restored_ms::int,
      (select coalesce(sum((w ->> 'to_ms')::int - (w ->> 'from_ms')::int), 0)::int
        from jsonb_array_elements(receipt -> 'windows') w
        where not (w ->> 'billed')::boolean and w ->> 'reason' <> 'connecting') as free_ms
    from public.voice_sessions where id in ${stack.sql(callIds)}`;
  return [...rows];
}

async function untilSettled(stack: VoiceStack, callIds: string[]): Promise<void> {
  for (let waitedMs = 0; waitedMs < SETTLED_WITHIN_MS; waitedMs += 250) {
    const [row] = await stack.sql<{ settled: number }[]>`
      select count(*)::int as settled from public.voice_sessions
      where id in ${stack.sql(callIds)} and status = 'settled'`;
    if (row?.settled === callIds.length) return;
    await sleep(250);
  }
  // Whatever is not settled by now is found at the end.
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
  return response !== undefined;
}

/** Asks the workers to end, as a deployment does, and looks what they leave. */
async function endWorkers({ workers, end }: Contender): Promise<Pick<SoakFigures, 'exits' | 'left'>> {
  const family = new Set(workers.flatMap(({ process }) => processTree(process.pid)).map(({ pid }) => pid));
  for (const { process } of workers) process.terminate();
  const late = sleep(SETTLED_WITHIN_MS, 'too late', { ref: false });
  const exits = await Promise.all(workers.map(({ process }) => Promise.race([process.exited, late])));
  // Processes that wait for calls learn of it a moment later.
  await sleep(2000);
  const left = [...family].filter((pid) => processTree(pid).length > 0);
  const urls = workers.flatMap(({ healthUrl, metricsUrl }) => [healthUrl, metricsUrl ?? []].flat());
  const open = (await Promise.all(urls.map(answers))).filter(Boolean);
  await end();
  return { exits, left: { processes: left.length, ports: open.length } };
}

async function holdRounds(
  stack: VoiceStack,
  agent: Contender,
  questions: Int16Array[],
  options: { calls: number; atOnce: number; seed: number },
  progress: (text: string) => void,
): Promise<{ calls: SoakCall[]; samples: Sample[] }> {
  const random = createRandom(options.seed);
  const calls: SoakCall[] = [];
  const samples = [await takeSample(agent.workers, 0)];
  while (calls.length < options.calls) {
    const amount = Math.min(options.atOnce, options.calls - calls.length);
    const people = await stack.addPeople(amount);
    const plans = people.map(() => drawPlan(random, amount * SPREAD_PER_CALL_MS));
    const round = await Promise.all(
      people.map((userId, index) =>
        holdCall(stack, agent, userId, plans[index] ?? drawPlan(random, 0), questions),
      ),
    );
    calls.push(...round);
    await untilSettled(
      stack,
      round.map(({ callId }) => callId),
    );
    await untilIdle(agent).catch((error: Error) => progress(error.message));
    const sample = await takeSample(agent.workers, calls.length);
    samples.push(sample);
    progress(
      `${calls.length} of ${options.calls} calls: workers ${Math.round(sample.workerBytes / 2 ** 20)} MB, ` +
        `${sample.openFiles} files, ${sample.handles} handles, ${sample.processes} processes`,
    );
  }
  return { calls, samples };
}

/** Settles what workers have left, as the sidecar does, for as long as the work takes. */
async function withReaper<Result>(stack: VoiceStack, work: () => Promise<Result>): Promise<Result> {
  const reaping = setInterval(() => {
    // A database that is too busy now is asked again.
    stack.sql`select public.reap_calls()`.catch(() => undefined);
  }, REAP_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(reaping);
  }
}

/** Many calls, so many at once, against real workers of ours; then everything that could have been left behind. */
export async function runSoak(
  stack: VoiceStack,
  questions: Int16Array[],
  options: { calls: number; atOnce: number; seed: number },
  progress: (text: string) => void,
): Promise<SoakFigures> {
  const agent = await startContender(stack, 'ours', workersFor(options.atOnce));
  try {
    const { calls, samples } = await withReaper(stack, () =>
      holdRounds(stack, agent, questions, options, progress),
    );
    const ended = await endWorkers(agent);
    return {
      sliceSeconds: SLICE_SECONDS,
      calls,
      stored: await readCalls(
        stack,
        calls.map(({ callId }) => callId),
      ),
      samples,
      violations: await violations(stack.sql),
      ...ended,
    };
  } finally {
    await agent.end();
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { audit, judgeBill, settledRow } from '../call-books.ts';
import { defineRow } from '../define-row.ts';
import type { Findings } from '../findings.ts';
import { monotonicMs } from '../presence-clock.ts';
import { killHard } from '../processes.ts';
import type { Sabotage, World } from '../world.ts';
import { noLiveKit, openVoiceBench, VOICE_SLICE_SECONDS, type VoiceBench } from './voice-bench.ts';

type Fault = 'LiveKit restarts' | 'the job is killed' | 'the worker is killed';
type Plan = {
  faultAfterMs: number;
  hangUpAfterMs: number;
  /** Whether a caller whose line is cut tries to come back, or gives up at once. */
  isPatient: boolean;
};

const plan: fc.Arbitrary<Plan> = fc.record({
  faultAfterMs: fc.integer({ min: 0, max: 8000 }),
  hangUpAfterMs: fc.integer({ min: 0, max: 3000 }),
  isPatient: fc.boolean(),
});

/**
 * How much later than the agent's own word the caller's ear may hear it, and how much later the last one: audio is
 * on its way, in buffers on both sides.
 */
const ON_ITS_WAY_MS = 1000;

/**
 * How long a media server may take to notice that a connection died without a word; until then it says that the
 * caller is there, and the worker believes it.
 */
const UNNOTICED_MS = 20_000;

type Caller = Awaited<ReturnType<VoiceBench['callIn']>>;

/** The media server restarts; answers for how long the caller may seem to be there after they have hung up. */
async function restart(bench: VoiceBench, caller: Caller, one: Plan): Promise<number> {
  const { presence, hangUp, hears } = caller;
  const faultAtMs = monotonicMs();
  const restarted = bench.restartLiveKit();
  if (!one.isPatient) {
    await hangUp();
    presence.stop(faultAtMs, monotonicMs());
  }
  await restarted;
  await bench.registered();
  if (!one.isPatient) return 0;
  // What is heard at once was on its way before.
  const isBack = await hears(faultAtMs + ON_ITS_WAY_MS);
  await sleep(one.hangUpAfterMs);
  await hangUp();
  // Whoever came back may have been served again, but nobody has to have been.
  presence.stop(faultAtMs, monotonicMs());
  return isBack ? 0 : UNNOTICED_MS;
}

async function play(bench: VoiceBench, fault: Fault, one: Plan, findings: Findings): Promise<void> {
  const caller = await bench.callIn();
  const { callId, presence, hangUp } = caller;
  await sleep(one.faultAfterMs);
  const [worker, ...jobs] = bench.family();
  const faultAtMs = monotonicMs();
  let unnoticedMs = 0;
  if (fault === 'LiveKit restarts') {
    unnoticedMs = await restart(bench, caller, one);
  } else if (fault === 'the job is killed') {
    const job = bench.worker().jobOf(callId);
    findings.expect(job !== undefined, 'no process holds the call');
    if (job !== undefined) killHard(job);
    presence.stop(faultAtMs, monotonicMs());
  } else {
    // Its jobs live on for a while without it, and the caller does not notice.
    killHard(worker);
    await sleep(one.hangUpAfterMs);
  }
  await hangUp();
  presence.stop(monotonicMs());
  const row = await settledRow(bench.sql, callId, findings);
  findings.expect(row !== undefined, 'the call was never opened');
  findings.recoveryMs.push(monotonicMs() - faultAtMs);
  const mostMs = presence.mostMs + ON_ITS_WAY_MS + unnoticedMs;
  judgeBill(findings, row, { leastMs: presence.leastMs, mostMs }, VOICE_SLICE_SECONDS);
  await audit(findings, bench.sql);
  if (fault === 'the worker is killed') {
    for (const job of jobs) killHard(job);
    await bench.hireAnother();
  }
  await bench.registered();
}

let turn = Promise.resolve();

/** One bench at a time: sound is played in real time, and a process is known by what it runs. */
async function openAlone(world: World, sabotage: Sabotage | undefined): Promise<VoiceBench> {
  const before = turn;
  const over = Promise.withResolvers<void>();
  turn = over.promise;
  await before;
  try {
    const bench = await openVoiceBench(world, sabotage);
    return { ...bench, close: () => bench.close().finally(over.resolve) };
  } catch (error) {
    over.resolve();
    throw error;
  }
}

function voiceRow(number: number, name: string, fault: Fault, controls: Sabotage[]) {
  return defineRow<Plan>({
    number,
    name,
    title: `by voice: ${fault}`,
    cases: { short: number === 8 ? 1 : 0, long: 8 },
    atOnce: 1,
    plan,
    missing: noLiveKit,
    async open(world, sabotage) {
      const bench = await openAlone(world, sabotage);
      return { play: (one, findings) => play(bench, fault, one, findings), close: bench.close };
    },
    controls,
  });
}

export const voiceJob = voiceRow(1, 'voice-job', 'the job is killed', []);
export const voiceWorker = voiceRow(2, 'voice-worker', 'the worker is killed', []);
export const restartLiveKit = voiceRow(8, 'livekit', 'LiveKit restarts', [
  {
    name: 'a call is charged for what it was granted',
    cuts: [['private.finish_call', 'greatest(h.used_ms, p_used_ms)', 'h.amount * 1000']],
  },
]);

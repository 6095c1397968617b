import type { Result } from '../results.ts';
import type { Ramp, Step } from './measure-ramp.ts';

/** The most calls at once that were still answered in time, before the first number that was not. */
function mostWithin({ steps, limitMs }: Ramp, contender: string): Step | undefined {
  const own = steps.filter((step) => step.contender === contender);
  const full = own.findIndex(({ p95Ms }) => p95Ms > limitMs);
  return own[(full === -1 ? own.length : full) - 1];
}

const perCore = (step: Step | undefined) => (step === undefined ? Number.NaN : step.calls / step.cores);

/** Calls per core: how many were held in time, by the cores that the agent itself used for them. */
export function resultsOfRamp(ramp: Ramp): Result[] {
  const names = ['ours', 'bare'];
  const most = names.map((name) => mostWithin(ramp, name));
  const [ours, bare] = most;
  const ratio = perCore(ours) / perCore(bare);
  const atOnce = (ours?.calls ?? 0) / (bare?.calls ?? Number.NaN);
  const wasFull = names.map((name) =>
    ramp.steps.some((one) => one.contender === name && one.p95Ms > ramp.limitMs),
  );
  const show = (step: Step | undefined, index: number) =>
    step === undefined
      ? `${names[index]} none`
      : `${names[index]} ${step.calls}${wasFull[index] ? '' : ' or more'}`;
  return [
    {
      name: 'calls at once at the same p95',
      value: most.map(show).join(', '),
      ratio: { median: atOnce, range: [atOnce, atOnce], to: 'bare' },
      goal: { text: 'at least 1x', met: atOnce >= 1 },
      details: `p95 of at most ${ramp.limitMs.toFixed(0)} ms, callers and media server on the same machine`,
    },
    {
      name: 'calls per core that the agent uses',
      value: most.map((step, index) => `${names[index]} ${perCore(step).toFixed(1)}`).join(', '),
      ratio: { median: ratio, range: [ratio, ratio], to: 'bare' },
      details: 'at the number of calls above; callers, media server, database and providers are not counted',
    },
  ];
}

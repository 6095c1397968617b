import { percentile } from '../../results.ts';
import { slopeOf } from './slope.ts';
import type { Sample, SoakFigures, StoredCall } from './soak-figures.ts';

export type Check = { what: string; holds: boolean; detail: string };

/**
 * What a call may leave behind for good, before it counts as a leak: a worker that holds a million calls in a month
 * must not need to be restarted for it every day.
 */
const BOUNDS = {
  workerBytes: { name: 'memory of the workers', bound: 100_000, unit: 'bytes' },
  inferenceBytes: { name: 'memory of the turn models', bound: 100_000, unit: 'bytes' },
  openFiles: { name: 'open files of the workers', bound: 0.05, unit: 'files' },
  handles: { name: 'handles of the workers', bound: 0.05, unit: 'handles' },
} as const satisfies Partial<Record<keyof Sample, { name: string; bound: number; unit: string }>>;

/** In the first half of the rounds memory fills up that is used again and again later. */
const WARM_UP = 0.5;
const FEWEST_SAMPLES = 3;

/** More calls at once than a machine can hold make some callers hang up before they are greeted. */
const GREETED = 0.9;

export function checkLeaks(samples: readonly Sample[]): Check[] {
  const later = samples.slice(Math.floor(samples.length * WARM_UP));
  const warm = later.length >= FEWEST_SAMPLES ? later : samples;
  return Object.entries(BOUNDS).map(([key, { name, bound, unit }]) => {
    const figure = key as keyof typeof BOUNDS;
    const { perUnit, standardError, atLeast } = slopeOf(warm.map((sample) => [sample.calls, sample[figure]]));
    return {
      what: `No leak: ${name}`,
      holds: atLeast <= bound,
      detail:
        warm.length < FEWEST_SAMPLES
          ? `too few rounds to say`
          : `${perUnit.toFixed(3)} ± ${standardError.toFixed(3)} ${unit} per call, bound ${bound}`,
    };
  });
}

export function checkProcesses({ samples, exits, left }: SoakFigures): Check[] {
  const before = samples[0]?.processes ?? 0;
  const more = samples.filter(({ processes }) => processes > before);
  const zombies = Math.max(...samples.map((sample) => sample.zombies));
  return [
    {
      what: 'No process of a call outlives it',
      holds: more.length === 0,
      detail: `${before} before; after each round ${samples.map(({ processes }) => processes).join(', ')}`,
    },
    { what: 'No zombie', holds: zombies === 0, detail: `at most ${zombies}` },
    {
      what: 'The workers end when asked, and nothing is left',
      holds: exits.every((exit) => exit === '0') && left.processes === 0 && left.ports === 0,
      detail: `exit status ${exits.join(', ')}; ${left.processes} processes, ${left.ports} ports`,
    },
  ];
}

/** How many seconds more were charged than the caller was present; less is negative. */
const overcharge = ({ charged_seconds }: StoredCall, presentMs: number): number =>
  (charged_seconds ?? Number.NaN) - presentMs / 1000;

/** Seconds that a caller who hung up was there for, that were not charged, and that no window of the receipt calls free. */
function givenAway(call: StoredCall, presentMs: number): number {
  // A call that we ended is over before its caller is; one that the reaper settled has no windows.
  if (call.end_reason !== 'caller_hung_up' || call.settled_by !== 'worker') return 0;
  return -overcharge(call, presentMs) - call.free_ms / 1000;
}

export function checkBills(figures: SoakFigures): Check[] {
  const { calls, stored, sliceSeconds, violations } = figures;
  const rows = new Map(stored.map((call) => [call.id, call]));
  // A call that could not be opened costs nothing, and has nothing to settle.
  const unopened = calls.filter(({ callId }) => !rows.has(callId));
  const unsettled = stored.filter(({ status }) => status !== 'settled');
  const byReaper = stored.filter(({ status, settled_by }) => status === 'settled' && settled_by !== 'worker');
  const wrong = stored.filter(
    (call) =>
      call.status === 'settled' &&
      call.charged_seconds !== Math.floor((call.used_ms - call.restored_ms) / 1000),
  );
  const presentMs = new Map(calls.map((call) => [call.callId, call.presentMs]));
  const differences = stored.map((call) => overcharge(call, presentMs.get(call.id) ?? 0));
  const gifts = stored.map((call) => givenAway(call, presentMs.get(call.id) ?? 0));
  const greeted = calls.filter(({ callId, isGreeted }) => isGreeted && rows.has(callId)).length;
  const reasons = Object.entries(Object.groupBy(stored, ({ end_reason }) => end_reason ?? 'none'));
  return [
    {
      what: 'Nine callers in ten were greeted, or more',
      holds: greeted >= GREETED * calls.length,
      detail: `${greeted} of ${calls.length}; ${calls.reduce((sum, { unanswered }) => sum + unanswered, 0)} turns unanswered`,
    },
    {
      what: 'Every call was settled',
      holds: unsettled.length === 0,
      detail: `${unsettled.length} unsettled, ${byReaper.length} by the reaper, ${unopened.length} never opened; ${reasons.map(([reason, some]) => `${reason} ${some?.length}`).join(', ')}`,
    },
    {
      what: 'What was charged is what was used',
      holds: wrong.length === 0,
      detail: `${wrong.length} of ${stored.length} differ`,
    },
    {
      what: 'Nobody was charged for longer than they were there, by more than a slice',
      holds: Math.max(...differences) <= sliceSeconds,
      detail: `charged less present: p50 ${percentile(differences, 0.5).toFixed(1)} s, from ${Math.min(...differences).toFixed(1)} to ${Math.max(...differences).toFixed(1)} s; slice ${sliceSeconds} s`,
    },
    {
      what: 'Nobody who hung up was there for longer than the receipt says, by more than a slice',
      holds: Math.max(...gifts) <= sliceSeconds,
      detail: `at most ${Math.max(...gifts).toFixed(1)} s neither charged nor shown as free`,
    },
    {
      what: 'The books hold (audit_invariants)',
      holds: violations.length === 0,
      detail:
        violations.map(({ invariant, detail }) => `${invariant}: ${detail}`).join('; ') || 'no violation',
    },
  ];
}

export const checkSoak = (figures: SoakFigures): Check[] => [
  ...checkBills(figures),
  ...checkProcesses(figures),
  ...checkLeaks(figures.samples),
];

import { type CaseResult, type Choice, isSeen, type Row } from './define-row.ts';
import type { Sabotage, World } from './world.ts';

export type ControlReport = { name: string; caughtAfter: number | null; by: string | null };
export type RowReport = {
  number: number;
  name: string;
  title: string;
  /** Why the row was not played; then all else is empty. */
  skipped: string | null;
  cases: number;
  violations: { index: number; plan: unknown; what: string }[];
  lossSeconds: number | null;
  overchargeSeconds: number | null;
  ambiguousCommits: number;
  recoveryMs: { p50: number; max: number } | null;
  controls: ControlReport[];
  tookSeconds: number;
};

/** A control that so many cases do not catch is not caught. */
const CONTROL_CASES = 40;

const largest = (figures: number[]) => (figures.length === 0 ? null : Math.max(...figures));

function recovery(figures: number[]): RowReport['recoveryMs'] {
  const sorted = figures.toSorted((a, b) => a - b);
  const p50 = sorted[Math.floor(sorted.length / 2)];
  const max = sorted.at(-1);
  return p50 === undefined || max === undefined ? null : { p50: Math.round(p50), max: Math.round(max) };
}

const violationsOf = (results: CaseResult[]) =>
  results.flatMap(({ index, plan, findings }) => findings.violations.map((what) => ({ index, plan, what })));

async function playControl(
  row: Row,
  world: World,
  choice: Choice,
  sabotage: Sabotage,
): Promise<ControlReport> {
  const { name } = sabotage;
  try {
    const results = await row.playControl(world, { ...choice, cases: CONTROL_CASES }, sabotage);
    const at = results.findIndex(({ findings }) => findings.violations.some(isSeen));
    return {
      name,
      caughtAfter: at < 0 ? null : at + 1,
      by: results[at]?.findings.violations.find(isSeen) ?? null,
    };
  } catch (error) {
    return { name, caughtAfter: null, by: `it could not be played: ${error}` };
  }
}

/**
 * Plays a row, and then its negative controls.
 * @param controls how many of them
 */
export async function runRow(
  row: Row,
  world: World,
  choice: Choice,
  controls = row.controls.length,
): Promise<RowReport> {
  const { number, name, title } = row;
  const startedMs = performance.now();
  const skipped = row.missing() ?? null;
  const brokenOff: RowReport['violations'] = [];
  const results =
    skipped === null
      ? await row.play(world, choice).catch((error: unknown) => {
          brokenOff.push({ index: -1, plan: null, what: `the row could not be played: ${error}` });
          return [];
        })
      : [];
  const broken: ControlReport[] = [];
  for (const sabotage of skipped === null ? row.controls.slice(0, controls) : []) {
    broken.push(await playControl(row, world, choice, sabotage));
  }
  const all = results.map(({ findings }) => findings);
  return {
    number,
    name,
    title,
    skipped,
    cases: results.length,
    violations: [...brokenOff, ...violationsOf(results)],
    lossSeconds: largest(all.flatMap((one) => one.lossSeconds)),
    overchargeSeconds: largest(all.flatMap((one) => one.overchargeSeconds)),
    ambiguousCommits: all.reduce((sum, one) => sum + one.ambiguousCommits, 0),
    recoveryMs: recovery(all.flatMap((one) => one.recoveryMs)),
    controls: broken,
    tookSeconds: Math.round((performance.now() - startedMs) / 1000),
  };
}

export const isCaught = ({ caughtAfter }: ControlReport): boolean => caughtAfter !== null;

/** Whether a row proves what it is there to prove: nothing broke, and what was broken on purpose was seen. */
export const holds = (report: RowReport): boolean =>
  report.violations.length === 0 && report.controls.every(isCaught);

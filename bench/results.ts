import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

/** One line of the table. A goal is a bound on the ratio, or on the value where there is no ratio. */
export type Result = {
  name: string;
  /** What was measured, as text with its unit. */
  value: string;
  /** Set where something is measured against something else in the same run. */
  ratio?: { median: number; range: [low: number, high: number]; to: string };
  goal?: { text: string; met: boolean };
  details?: string;
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Nearest rank. @param share 0.99 for p99 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const range = (values: readonly number[]): [number, number] => [
  Math.min(...values),
  Math.max(...values),
];

const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const count = (value: number): string => COUNT.format(value);

function ratioText({ median: middle, range: [low, high], to }: NonNullable<Result['ratio']>): string {
  return `${middle.toFixed(2)}x ${to} [${low.toFixed(2)} to ${high.toFixed(2)}]`;
}

function goalText({ goal }: Result): string {
  if (goal === undefined) return '';
  return `${goal.text}: ${goal.met ? 'met' : 'MISSED'}`;
}

/** The table, one result per line, columns aligned. */
export function tableOf(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.name,
    result.value,
    result.ratio ? ratioText(result.ratio) : '',
    goalText(result),
    result.details ?? '',
  ]);
  const head = ['measured', 'value', 'ratio, median [range]', 'goal', 'details'];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function commitOf(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}

/** What the figures were taken on. A load well above zero before the start means: somebody else was working here. */
export function describeMachine() {
  return {
    date: new Date().toISOString(),
    commit: commitOf(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load_before: loadavg().map((load) => Number(load.toFixed(2))),
  };
}

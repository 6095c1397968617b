import { isCaught, type RowReport } from './run-row.ts';

const HEAD = [
  'row',
  '',
  'cases',
  'violations',
  'largest loss',
  'largest overcharge',
  'ambiguous',
  'recovery p50 / max',
  'controls caught, after cases',
];

const seconds = (figure: number | null) => (figure === null ? '–' : `${figure.toFixed(2)} s`);

function cells(report: RowReport): string[] {
  const { number, title, cases, violations, recoveryMs, controls, ambiguousCommits } = report;
  if (report.skipped !== null) return [String(number), title, 'skipped', report.skipped];
  return [
    String(number),
    title,
    String(cases),
    String(violations.length),
    seconds(report.lossSeconds),
    seconds(report.overchargeSeconds),
    ambiguousCommits === 0 ? '–' : String(ambiguousCommits),
    recoveryMs === null ? '–' : `${seconds(recoveryMs.p50 / 1000)} / ${seconds(recoveryMs.max / 1000)}`,
    controls.map(({ caughtAfter }) => caughtAfter ?? 'NOT CAUGHT').join(', '),
  ];
}

/** The matrix as lines in columns. */
export function table(reports: RowReport[]): string[] {
  const rows = [HEAD, ...reports.map(cells)];
  // What a skipped row says goes on beyond its columns.
  const width = (column: number) =>
    Math.max(...rows.filter((row) => row.length > 4).map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  );
}

/** What a finished row has to say at once: its violations in full, and what its controls were caught by. */
export function progress(report: RowReport): string[] {
  const { number, title, cases, violations, controls, tookSeconds } = report;
  if (report.skipped !== null) return [`${number} ${title}: skipped, ${report.skipped}`];
  return [
    `${number} ${title}: ${cases} cases, ${violations.length} violations, ${tookSeconds} s`,
    ...violations
      .slice(0, 20)
      .map(({ index, plan, what }) => `  VIOLATION in case ${index} ${JSON.stringify(plan)}: ${what}`),
    ...controls.map((control) =>
      isCaught(control)
        ? `  control "${control.name}": caught after ${control.caughtAfter} by: ${control.by?.split('\n')[0]}`
        : `  control "${control.name}": NOT CAUGHT ${control.by ?? ''}`,
    ),
  ];
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { html } from '../../../shared/html.ts';
import { type FindingKind, GRAVE } from '../checks/record.ts';
import type { Played } from './run-scenario.ts';

type Row = {
  topic: string;
  scenarios: number;
  runs: number;
  passed: number;
  grave: number;
  judged: number;
  findings: string;
};

const isGrave = (kind: FindingKind) => GRAVE.includes(kind);

function countsOf(kinds: readonly FindingKind[]): string {
  const counts = Map.groupBy(kinds, (kind) => kind);
  return [...counts].map(([kind, { length }]) => `${length} ${kind}`).join(', ');
}

function toRow(topic: string, played: readonly Played[]): Row {
  const kinds = played.flatMap(({ findings }) => findings.map(({ kind }) => kind));
  return {
    topic,
    scenarios: new Set(played.map(({ scenario }) => scenario.name)).size,
    runs: played.length,
    passed: played.filter(({ findings }) => findings.length === 0).length,
    grave: kinds.filter(isGrave).length,
    judged: played.reduce((sum, { judged }) => sum + judged, 0),
    findings: countsOf(kinds),
  };
}

/** A row for each topic, and one for all. */
function toRows(played: readonly Played[]): Row[] {
  const topics = Map.groupBy(played, ({ scenario }) => scenario.topic);
  return [...Array.from(topics, ([topic, runs]) => toRow(topic, runs)), toRow('all', played)];
}

const percent = ({ passed, runs }: Row) => `${Math.round((100 * passed) / Math.max(1, runs))} %`;

const HEADINGS = ['topic', 'scenarios', 'runs', 'passed', 'rate', 'grave', 'judged', 'findings'];
const cellsOf = (row: Row) =>
  [row.topic, row.scenarios, row.runs, row.passed, percent(row), row.grave, row.judged, row.findings].map(
    String,
  );

function toText(rows: readonly Row[]): string {
  const table = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, i) => Math.max(...table.map((cells) => cells[i]?.length ?? 0)));
  return table
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What was said in runs with findings: by callers who do not exist, with codes and cards that are worthless. */
function failuresOf(played: readonly Played[]) {
  return played
    .filter(({ findings }) => findings.length > 0)
    .map(({ scenario, findings, record }) => ({
      scenario: scenario.name,
      findings,
      turns: record.turns.map(({ said, calls, answers }) => ({ said, calls, answers })),
    }));
}

function toPage(title: string, rows: readonly Row[], failures: ReturnType<typeof failuresOf>): string {
  const details = failures.map(
    ({ scenario, findings, turns }) => html`<details>
<summary>${scenario}: ${countsOf(findings.map(({ kind }) => kind))}</summary>
<ul>${findings.map(({ kind, what }) => html`<li>${kind}: ${what}</li>`)}</ul>
<pre>${JSON.stringify(turns, null, 2)}</pre>
</details>`,
  );
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<style>
body { font: 15px system-ui; margin: 2rem }
td, th { padding: .2rem .8rem; text-align: left }
tr:last-child { font-weight: bold }
</style>
<h1>${title}</h1>
<table>
<tr>${HEADINGS.map((heading) => html`<th>${heading}</th>`)}</tr>
${rows.map((row) => html`<tr>${cellsOf(row).map((cell) => html`<td>${cell}</td>`)}</tr>`)}
</table>
<h2>Runs with findings</h2>
${details.length > 0 ? details : html`<p>None.</p>`}
</html>`.text;
}

/** Writes `<name>.json` and `<name>.html`, and answers the table. */
export function writeReport(folder: string, name: string, title: string, played: readonly Played[]): string {
  const rows = toRows(played);
  const failures = failuresOf(played);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ title, rows, failures }, null, 2));
  writeFileSync(join(folder, `${name}.html`), toPage(title, rows, failures));
  return `${title}\n${toText(rows)}\nReport: ${join(folder, name)}.html and .json`;
}

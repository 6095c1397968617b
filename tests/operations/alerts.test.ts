import { existsSync, readFileSync } from 'node:fs';
import type { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createWorkerMetrics } from '../../agent/worker/metrics.ts';
import { VERDICT_REASONS } from '../../shared/api/verification.ts';
import { FAULT_CODES } from '../../shared/errors.ts';
import { createMetrics } from '../../webhook-server/base/metrics.ts';

/** As Prometheus takes it: what else there is, it refuses (`promtool check rules`). */
const rule = z.strictObject({
  alert: z.string().regex(/^[A-Za-z]\w+$/),
  expr: z.string().min(1),
  for: z
    .string()
    .regex(/^\d+[smh]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
  annotations: z.strictObject({ summary: z.string().min(1), runbook: z.string().min(1) }),
});
const file = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })) });

type Figure = { name: string; type: string; labels: string[] };
const figuresOf = (registry: Registry): Figure[] =>
  registry.getMetricsAsArray().map((metric) => {
    const {
      name,
      type,
      labelNames = [],
    } = metric as unknown as { name: string; type: string; labelNames?: string[] };
    return { name, type: String(type), labels: [...labelNames] };
  });
const figures = new Map(
  [...figuresOf(createMetrics().registry), ...figuresOf(createWorkerMetrics(() => 0).registry)].map(
    (figure) => [figure.name, figure],
  ),
);
const SUFFIXES: Record<string, string[]> = { histogram: ['_bucket', '_count', '_sum'] };
/** Values of labels that come from a closed set. */
const KNOWN: Record<string, readonly string[]> = { code: FAULT_CODES, reason: VERDICT_REASONS };

/** What is wrong with an expression, by the figures that there are. */
function problemsOf(expr: string): string[] {
  const problems: string[] = [];
  for (const [, name = '', matchers = ''] of expr.matchAll(/(mindbot_\w+)(?:\{([^}]*)\})?/g)) {
    const figure = [...figures.values()].find(
      (one) => one.name === name || (SUFFIXES[one.type] ?? []).some((suffix) => one.name + suffix === name),
    );
    if (figure === undefined) problems.push(`no figure ${name}`);
    if (figure?.type === 'histogram' && figure.name === name) problems.push(`${name} is a histogram`);
    if (figure?.type === 'counter' && !expr.includes('rate(') && !expr.includes('increase('))
      problems.push(`${name} only grows`);
    for (const [, label = '', values = ''] of matchers.matchAll(/(\w+)\s*=~?\s*"([^"]*)"/g)) {
      if (!figure?.labels.includes(label)) problems.push(`${name} has no label ${label}`);
      const unknown = values.split('|').filter((value) => KNOWN[label]?.includes(value) === false);
      problems.push(...unknown.map((value) => `no ${label} ${value}`));
    }
  }
  for (const [, labels = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
    const known = new Set([...figures.values()].flatMap((figure) => figure.labels).concat('le'));
    problems.push(
      ...labels
        .split(/,\s*/)
        .filter((label) => !known.has(label))
        .map((label) => `no label ${label}`),
    );
  }
  if (expr.split('(').length !== expr.split(')').length) problems.push('brackets');
  if (!expr.includes('mindbot_')) problems.push('asks nothing of ours');
  return problems;
}

test('each rule asks figures and labels that exist, and leads to a runbook', () => {
  const rules = file
    .parse(parse(readFileSync('docs/monitoring/alerts.yml', 'utf8')))
    .groups.flatMap(({ rules }) => rules);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  expect(rules.length).toBeGreaterThan(15);
  expect(
    rules.flatMap(({ alert, expr }) => problemsOf(expr).map((problem) => `${alert}: ${problem}`)),
  ).toEqual([]);
  expect(rules.filter(({ annotations }) => !existsSync(annotations.runbook))).toEqual([]);
});

test('a rule about what does not exist is found', () => {
  expect(problemsOf('sum(rate(mindbot_refusals_total{code="no_such"}[5m])) > 1')).toEqual([
    'no code no_such',
  ]);
  expect(problemsOf('mindbot_chain_node_up{node_name="a"} == 0')).toEqual([
    'mindbot_chain_node_up has no label node_name',
  ]);
  expect(problemsOf('mindbot_nodes_up == 0')).toEqual(['no figure mindbot_nodes_up']);
  expect(problemsOf('mindbot_refusals_total > 1')).toEqual(['mindbot_refusals_total only grows']);
  expect(problemsOf('rate(mindbot_http_request_duration_seconds[5m]) > 1')).toEqual([
    'mindbot_http_request_duration_seconds is a histogram',
  ]);
});

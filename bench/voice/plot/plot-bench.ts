import { median } from '../../results.ts';
import type { Ramp } from '../measure-ramp.ts';
import type { CallFigures, TurnFigures } from '../measure-turns.ts';
import { latenciesOf, PROVIDERS_MS, stagesOf } from '../results-of-turns.ts';
import { barChart } from './bar-chart.ts';
import { lineChart } from './line-chart.ts';

/** Which share of the turns was answered within how long. */
function plotLatencies(figures: TurnFigures): string {
  return lineChart({
    title: 'From the end of a question to the first sound of the answer',
    labels: { x: 'milliseconds', y: 'share of turns' },
    series: figures.contenders.map((name, index) => {
      const sorted = latenciesOf(figures, index).toSorted((a, b) => a - b);
      return { name, points: sorted.map((ms, rank) => [ms, (rank + 1) / sorted.length] as const) };
    }),
    marks: [{ name: 'providers and endpointing', x: PROVIDERS_MS }],
  });
}

function plotStages(figures: TurnFigures): string {
  const stages = figures.contenders.map((_, index) => stagesOf(figures, index));
  return barChart({
    title: 'Milestones of a turn, after the end of the question (median)',
    label: 'milliseconds',
    names: figures.contenders,
    groups: Object.keys(stages[0] ?? {}).map((stage) => ({
      name: stage.replaceAll('_', ' '),
      values: stages.map((one) => one[stage] ?? 0),
    })),
  });
}

function plotMemory(figures: TurnFigures): string {
  const groups = {
    'process of a call': 'jobBytes',
    'idle process': 'idleJobBytes',
    worker: 'workerBytes',
    'turn model': 'inferenceBytes',
  } as const satisfies Record<string, keyof CallFigures>;
  return barChart({
    title: 'Memory (PSS)',
    label: 'MB',
    names: figures.contenders,
    groups: Object.entries(groups).map(([name, figure]) => ({
      name,
      values: figures.contenders.map(
        (_, index) => median(figures.calls.map((call) => call[index]?.[figure] ?? Number.NaN)) / 2 ** 20,
      ),
    })),
  });
}

function plotRamp({ steps, limitMs }: Ramp): string[] {
  const names = ['ours', 'bare'];
  const seriesOf = (figure: (step: Ramp['steps'][number]) => number) =>
    names.map((name) => ({
      name,
      isDotted: true as const,
      points: steps
        .filter(({ contender }) => contender === name)
        .map((step) => [step.calls, figure(step)] as const),
    }));
  return [
    lineChart({
      title: 'p95 of the latency of a turn over calls at once',
      labels: { x: 'calls at once', y: 'milliseconds' },
      series: seriesOf(({ p95Ms }) => p95Ms),
      marks: [{ name: 'limit', y: limitMs }],
    }),
    lineChart({
      title: 'Cores that the agent uses over calls at once',
      labels: { x: 'calls at once', y: 'cores' },
      series: seriesOf(({ cores }) => cores),
    }),
  ];
}

export function plotBench(figures: { turns?: TurnFigures; ramp?: Ramp }): string[] {
  const { turns, ramp } = figures;
  return [
    ...(turns ? [plotLatencies(turns), plotStages(turns), plotMemory(turns)] : []),
    ...(ramp ? plotRamp(ramp) : []),
  ];
}

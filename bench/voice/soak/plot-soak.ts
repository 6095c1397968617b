import { lineChart } from '../plot/line-chart.ts';
import type { Sample, SoakFigures } from './soak-figures.ts';

/** What the workers hold, over the calls so far. */
export function plotSoak({ samples }: SoakFigures): string[] {
  const chart = (title: string, unit: string, figures: Record<string, (sample: Sample) => number>) =>
    lineChart({
      title,
      labels: { x: 'calls so far', y: unit },
      series: Object.entries(figures).map(([name, figure]) => ({
        name,
        isDotted: true as const,
        points: samples.map((sample) => [sample.calls, figure(sample)] as const),
      })),
    });
  return [
    chart('Memory of all workers, with no call going on (PSS)', 'MB', {
      workers: ({ workerBytes }) => workerBytes / 2 ** 20,
      'turn models': ({ inferenceBytes }) => inferenceBytes / 2 ** 20,
    }),
    chart('Open files and handles of all workers', 'number', {
      'open files': ({ openFiles }) => openFiles,
      handles: ({ handles }) => handles,
    }),
    chart('Processes', 'number', {
      processes: ({ processes }) => processes,
      zombies: ({ zombies }) => zombies,
    }),
  ];
}

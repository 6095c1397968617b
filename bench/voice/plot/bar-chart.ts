import { COLOURS, frame, HEIGHT, label, legend, MARGIN, scale, ticks, WIDTH } from './frame.ts';
import { asText } from './page.ts';

/** Groups of bars beside each other, as SVG. */
export function barChart(options: {
  title: string;
  label: string;
  names: readonly string[];
  groups: readonly { name: string; values: readonly number[] }[];
}): string {
  const { title, label: yLabel, names, groups } = options;
  const top = Math.max(...groups.flatMap(({ values }) => values)) * 1.1 || 1;
  const y = scale(0, top, HEIGHT - MARGIN.bottom, MARGIN.top);
  const groupWidth = (WIDTH - MARGIN.left - MARGIN.right) / groups.length;
  const barWidth = (groupWidth * 0.75) / names.length;
  const grid = ticks(0, top).map(
    (at) =>
      `<path d="M${MARGIN.left} ${y(at)}H${WIDTH - MARGIN.right}" stroke="#e5e7eb"/><text x="${MARGIN.left - 6}" y="${y(at) + 4}" text-anchor="end">${label(at)}</text>`,
  );
  const bars = groups.flatMap(({ name, values }, group) => {
    const left = MARGIN.left + group * groupWidth + groupWidth * 0.125;
    const base = HEIGHT - MARGIN.bottom;
    return [
      `<text x="${left + groupWidth * 0.375}" y="${base + 16}" text-anchor="middle">${asText(name)}</text>`,
      ...values.map(
        (value, index) =>
          `<rect x="${left + index * barWidth}" y="${y(value)}" width="${barWidth - 2}" height="${base - y(value)}" fill="${COLOURS[index % COLOURS.length]}"/><text x="${left + (index + 0.5) * barWidth}" y="${y(value) - 4}" text-anchor="middle">${value.toFixed(0)}</text>`,
      ),
    ];
  });
  return frame(title, { x: '', y: yLabel }, [...legend(names), ...grid, ...bars]);
}

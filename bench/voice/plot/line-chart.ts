import { COLOURS, frame, HEIGHT, label, legend, MARGIN, scale, ticks, WIDTH } from './frame.ts';
import { asText } from './page.ts';

type Series = { name: string; points: readonly (readonly [x: number, y: number])[]; isDotted?: true };

/** Lines in a frame with axes, as SVG. @param marks vertical or horizontal lines, each with a name */
export function lineChart(options: {
  title: string;
  labels: { x: string; y: string };
  series: readonly Series[];
  marks?: readonly { name: string; x?: number; y?: number }[];
  yFromZero?: boolean;
}): string {
  const { title, labels, series, marks = [], yFromZero = true } = options;
  const xs = [
    ...series.flatMap(({ points }) => points.map(([x]) => x)),
    ...marks.flatMap(({ x }) => x ?? []),
  ];
  const ys = [
    ...series.flatMap(({ points }) => points.map(([, y]) => y)),
    ...marks.flatMap(({ y }) => y ?? []),
  ];
  const [xLow, xHigh] = [Math.min(...xs), Math.max(...xs)];
  const [yLow, yHigh] = [yFromZero ? 0 : Math.min(...ys), Math.max(...ys) * 1.05 || 1];
  const x = scale(xLow, xHigh, MARGIN.left, WIDTH - MARGIN.right);
  const y = scale(yLow, yHigh, HEIGHT - MARGIN.bottom, MARGIN.top);
  const grid = [
    ...ticks(yLow, yHigh).map(
      (at) =>
        `<path d="M${MARGIN.left} ${y(at)}H${WIDTH - MARGIN.right}" stroke="#e5e7eb"/><text x="${MARGIN.left - 6}" y="${y(at) + 4}" text-anchor="end">${label(at)}</text>`,
    ),
    ...ticks(xLow, xHigh).map(
      (at) =>
        `<path d="M${x(at)} ${HEIGHT - MARGIN.bottom}v4" stroke="#666"/><text x="${x(at)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${label(at)}</text>`,
    ),
  ];
  const lines = series.map(({ points, isDotted }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`).join(' ');
    const dots = isDotted
      ? points.map(
          ([px, py]) => `<circle cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}" r="3" fill="${colour}"/>`,
        )
      : [];
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.8"/>${dots.join('')}`;
  });
  const marked = marks.map((mark) =>
    mark.x === undefined
      ? `<path d="M${MARGIN.left} ${y(mark.y ?? 0)}H${WIDTH - MARGIN.right}" stroke="#dc2626" stroke-dasharray="5 4"/><text x="${WIDTH - MARGIN.right}" y="${y(mark.y ?? 0) - 4}" text-anchor="end" fill="#dc2626">${asText(mark.name)}</text>`
      : `<path d="M${x(mark.x)} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}" stroke="#dc2626" stroke-dasharray="5 4"/><text x="${x(mark.x) + 4}" y="${MARGIN.top + 10}" fill="#dc2626">${asText(mark.name)}</text>`,
  );
  return frame(title, labels, [...legend(series.map(({ name }) => name)), ...grid, ...lines, ...marked]);
}

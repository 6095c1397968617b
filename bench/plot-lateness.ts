const WIDTH = 900;
const HEIGHT = 300;
const MARGIN = 50;

/** A line chart of the worst lateness of each second, as SVG. */
export function plotLateness(worstOfSeconds: readonly number[], title: string): string {
  const top = Math.max(10, ...worstOfSeconds);
  const x = (second: number) =>
    MARGIN + (second / Math.max(1, worstOfSeconds.length - 1)) * (WIDTH - 2 * MARGIN);
  const y = (ms: number) => HEIGHT - MARGIN - (ms / top) * (HEIGHT - 2 * MARGIN);
  const points = worstOfSeconds.map((ms, second) => `${x(second).toFixed(1)},${y(ms).toFixed(1)}`).join(' ');
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * top).toFixed(1);
    return `<path d="M${MARGIN} ${at}H${WIDTH - MARGIN}" stroke="#ddd"/>
  <text x="${MARGIN - 6}" y="${at}" text-anchor="end" dominant-baseline="middle">${(share * top).toFixed(0)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">
  <text x="${MARGIN}" y="20" font-size="14">${title}</text>
  <text x="${MARGIN}" y="38">worst lateness in milliseconds, of the renewals due in each second</text>
  ${grid.join('\n  ')}
  <text x="${WIDTH - MARGIN}" y="${HEIGHT - 20}" text-anchor="end">${worstOfSeconds.length} s</text>
  <polyline points="${points}" fill="none" stroke="#2563eb" stroke-width="1.5"/>
</svg>
`;
}

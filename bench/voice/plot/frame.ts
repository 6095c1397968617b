import { asText } from './page.ts';

export const WIDTH = 760;
export const HEIGHT = 320;
export const MARGIN = { top: 46, right: 20, bottom: 44, left: 64 };
export const COLOURS = ['#2563eb', '#d97706', '#059669', '#9333ea', '#64748b'];

/** Round numbers from 0 or the low end up, about six of them. */
export function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 6 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(low / step) * step;
  return Array.from(
    { length: Math.floor((high - first) / step + 1e-9) + 1 },
    (_, index) => first + index * step,
  );
}

export const label = (value: number) =>
  Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));

/** Positions of values on an axis. */
export function scale(low: number, high: number, from: number, to: number) {
  return (value: number) => from + ((value - low) / (high - low || 1)) * (to - from);
}

export function frame(title: string, labels: { x: string; y: string }, body: string[]): string {
  const bottom = HEIGHT - MARGIN.bottom;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" font-family="sans-serif" font-size="11">
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
<text x="${MARGIN.left}" y="18" font-size="14" font-weight="bold">${asText(title)}</text>
<text x="${(MARGIN.left + WIDTH) / 2}" y="${bottom + 34}" text-anchor="middle">${asText(labels.x)}</text>
<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${asText(labels.y)}</text>
${body.join('\n')}
</svg>`;
}

export function legend(names: readonly string[]): string[] {
  let x = MARGIN.left;
  return names.map((name, index) => {
    const mark = `<rect x="${x}" y="27" width="10" height="10" fill="${COLOURS[index % COLOURS.length]}"/><text x="${x + 14}" y="36">${asText(name)}</text>`;
    x += 30 + name.length * 6.5;
    return mark;
  });
}

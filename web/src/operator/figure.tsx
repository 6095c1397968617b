import { useEffect, useId, useRef, useState } from 'react';

interface Series {
  name: string;
  /** One for each step; null where nothing is known. */
  values: (number | null)[];
  /** Stacked bars, or a line; lines by default. */
  as?: 'bar' | 'line';
}

interface FigureProps {
  title: string;
  /** What each place on the axis is called. */
  steps: string[];
  series: Series[];
  format: (value: number) => string;
  /** A button in each row of the table, such as for what lies behind it. */
  onStep?: { label: string; do: (index: number) => void };
  note?: string;
}

const [HEIGHT, LEFT, BOTTOM, TOP, LETTER] = [220, 8, 24, 10, 7];

/** How wide there is room, so that a chart is drawn in the pixels that it is shown in, and its words are never scaled. */
function useWidth<Shown extends Element>() {
  const shown = useRef<Shown>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const observer = new ResizeObserver(
      ([entry]) => entry && setWidth(Math.max(200, entry.contentRect.width)),
    );
    if (shown.current) observer.observe(shown.current);
    return () => observer.disconnect();
  }, []);
  return { shown, width };
}

/** A round number not below the largest value. */
function ceilingOf(largest: number): number {
  if (largest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= largest) ?? 10);
}

function heightsOf(steps: number, series: Series[]): number[] {
  const bars = Array.from({ length: steps }, (_, step) =>
    series.reduce((sum, { as, values }) => sum + (as === 'bar' ? Math.max(0, values[step] ?? 0) : 0), 0),
  );
  return [
    ...bars,
    ...series.flatMap(({ as, values }) => (as === 'bar' ? [] : values.map((value) => value ?? 0))),
  ];
}

/** A line is broken where nothing is known. */
function lineOf(
  values: (number | null)[],
  x: (step: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let isOpen = false;
  for (const [step, value] of values.entries()) {
    if (value !== null) path += `${isOpen ? 'L' : 'M'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
    isOpen = value !== null;
  }
  return path;
}

/** Figures as a chart, and always as a table, too: for screen readers, for reading off and for printing. */
export function Figure({ title, steps, series, format, onStep, note }: FigureProps) {
  const id = useId();
  const ceiling = ceilingOf(Math.max(0, ...heightsOf(steps.length, series)));
  const { shown, width: full } = useWidth<SVGSVGElement>();
  const grid = [0, 0.5, 1].map((part) => ({ value: ceiling * part, words: format(ceiling * part) }));
  const left = LEFT + Math.max(...grid.map(({ words }) => words.length)) * LETTER;
  const right = full - 2;
  const width = (right - left) / Math.max(1, steps.length);
  const x = (step: number) => left + width * (step + 0.5);
  const y = (value: number) => HEIGHT - BOTTOM - (Math.max(0, value) / ceiling) * (HEIGHT - BOTTOM - TOP);
  const base = new Array<number>(steps.length).fill(0);
  const marks = [0, Math.floor((steps.length - 1) / 2), steps.length - 1];
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <h3>{title}</h3>
        <ul className="chart-key plain">
          {series.map(({ name, as }, index) => (
            <li key={name} data-series={index} data-as={as ?? 'line'}>
              {name}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg ref={shown} height={HEIGHT} role="img" aria-label={`${title}: the figures are in the table below`}>
        {grid.map(({ value, words }) => (
          <g key={value} className="chart-grid">
            <line x1={left} x2={right} y1={y(value)} y2={y(value)} />
            <text x={left - 8} y={y(value) + 4} textAnchor="end">
              {words}
            </text>
          </g>
        ))}
        {series.map(({ name, values, as }, index) =>
          as === 'bar' ? (
            <g key={name} className="chart-bars" data-series={index}>
              {values.map((value, step) => {
                const height = Math.max(0, value ?? 0);
                const from = base[step] ?? 0;
                base[step] = from + height;
                return (
                  <rect
                    key={steps[step]}
                    x={x(step) - width * 0.36}
                    width={width * 0.72}
                    y={y(from + height)}
                    height={y(from) - y(from + height)}
                  >
                    <title>{`${steps[step]}: ${name} ${format(value ?? 0)}`}</title>
                  </rect>
                );
              })}
            </g>
          ) : (
            <path key={name} className="chart-line" data-series={index} d={lineOf(values, x, y)} />
          ),
        )}
        {[...new Set(marks)]
          .filter((step) => step >= 0)
          .map((step, place, all) => (
            <text
              key={step}
              className="chart-step"
              x={all.length === 1 ? x(step) : [left, x(step), right][place]}
              y={HEIGHT - 5}
              textAnchor={all.length === 1 ? 'middle' : (['start', 'middle', 'end'] as const)[place]}
            >
              {steps[step]}
            </text>
          ))}
      </svg>
      {note && <p className="faint">{note}</p>}
      <details>
        <summary>Table</summary>
        <Table
          label={title}
          head={['', ...series.map(({ name }) => name), ...(onStep ? [''] : [])]}
          rows={steps.map((step, index) => ({
            key: step,
            cells: [
              step,
              ...series.map(({ values }) => {
                const value = values[index] ?? null;
                return value === null ? '–' : format(value);
              }),
              ...(onStep
                ? [
                    <button key="step" type="button" className="quiet" onClick={() => onStep.do(index)}>
                      {onStep.label}
                      <span className="hidden"> of {step}</span>
                    </button>,
                  ]
                : []),
            ],
          }))}
        />
      </details>
    </figure>
  );
}

interface TableProps {
  label: string;
  head: string[];
  rows: { key: string; cells: React.ReactNode[] }[];
  /** Said where there is no row. */
  empty?: string;
}

/** A table that is scrolled sideways by itself where it is too wide, by the keyboard, too. */
export function Table({ label, head, rows, empty }: TableProps) {
  if (rows.length === 0 && empty !== undefined) return <p className="faint">{empty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled has to be reached by the keyboard
    <section className="table-frame" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((name, index) =>
              name === '' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
                <td key={index} />
              ) : (
                <th key={name} scope="col">
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...cells] }) => (
            <tr key={key}>
              <th scope="row">{first}</th>
              {cells.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** One figure with its name, and what stands beside it in small. */
export function Tile({ name, value, small }: { name: string; value: string; small?: string | undefined }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>
        <strong className="figure">{value}</strong>
        {small !== undefined && <small>{small}</small>}
      </dd>
    </div>
  );
}

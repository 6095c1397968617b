import type { UsageDay } from './usage-days.ts';

const WIDTH = 300;
const HEIGHT = 80;
const GAP = 2;

/** Minutes by day as bars; the highest bar fills the height. */
export function UsagePlot({ days }: { days: UsageDay[] }) {
  const highest = Math.max(1, ...days.map((entry) => entry.minutes));
  const step = WIDTH / days.length;
  const total = Math.round(days.reduce((sum, entry) => sum + entry.minutes, 0));
  const label = `Minutes by day over ${days.length} days: ${total} in all, at most ${Math.ceil(highest)} in a day.`;

  return (
    <figure className="plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
        {days.map((entry, index) => {
          const height = (entry.minutes / highest) * HEIGHT;
          return (
            <rect
              key={entry.day}
              className={entry.minutes > 0 ? 'bar' : 'bar empty'}
              x={index * step + GAP / 2}
              y={entry.minutes > 0 ? HEIGHT - Math.max(2, height) : HEIGHT - 1}
              width={step - GAP}
              height={entry.minutes > 0 ? Math.max(2, height) : 1}
            >
              <title>{`${entry.day}: ${entry.minutes.toFixed(1)} min`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{days[0]?.day}</span>
        <span>tallest bar {Math.ceil(highest)} min</span>
        <span>{days.at(-1)?.day}</span>
      </figcaption>
    </figure>
  );
}

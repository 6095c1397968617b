import type { AnalyticsResponse } from '../../../shared/api/accounts.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Polled } from '../api/use-polled.ts';
import { money, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';

/** The last 30 days as bars, and the totals of all time. */
export function UsagePanel({ usage }: { usage: Polled<AnalyticsResponse> }) {
  const totals = usage.data?.totals;
  return (
    <section className="panel usage" aria-labelledby="usage">
      <h2 id="usage">Last 30 days</h2>
      {usage.data && <UsagePlot days={usageDays(usage.data.days, Date.now())} />}
      {usage.data && usage.data.days.length > 0 && <UsageTable days={usage.data.days} />}
      <dl className="facts">
        <div>
          <dt>Calls so far</dt>
          <dd>{totals ? totals.calls : '–'}</dd>
        </div>
        <div>
          <dt>Talked</dt>
          <dd>{totals ? shortDuration(totals.charged_seconds) : '–'}</dd>
        </div>
        <div>
          <dt>A call on average</dt>
          <dd>{totals ? shortDuration(totals.average_call_seconds) : '–'}</dd>
        </div>
        <div>
          <dt>Spent</dt>
          <dd>{totals ? spentWords(totals.spent) : '–'}</dd>
        </div>
      </dl>
      {usage.error != null && <ErrorMessage error={usage.error} />}
    </section>
  );
}

/** The same as the bars, to read and to copy: the days on which there were calls. */
function UsageTable({ days }: { days: AnalyticsResponse['days'] }) {
  const { usage } = useWords('account');
  return (
    <details>
      <summary>{usage.table}</summary>
      <table className="prices">
        <thead>
          <tr>
            <th scope="col">{usage.day}</th>
            <th scope="col" className="number">
              {usage.calls}
            </th>
            <th scope="col" className="number">
              {usage.talked}
            </th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ day, calls, charged_seconds: seconds }) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              <td className="number">{calls}</td>
              <td className="number">{shortDuration(seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** Each currency for itself: no sum is of two. */
function spentWords(spent: AnalyticsResponse['totals']['spent']): string {
  return spent.map(({ currency, cents }) => money(cents, currency)).join(' + ') || 'Nothing yet';
}

const WIDTH = 300;
const HEIGHT = 80;
const GAP = 2;

/** Minutes by day as bars; the highest bar fills the height. */
function UsagePlot({ days }: { days: UsageDay[] }) {
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

interface UsageDay {
  /** YYYY-MM-DD, UTC */
  day: string;
  minutes: number;
}

const DAYS = 30;
const DAY_MS = 86_400_000;

/** The last 30 days up to today (UTC), oldest first; days that the answer leaves out had no calls. */
function usageDays(days: AnalyticsResponse['days'], nowMs: number): UsageDay[] {
  const secondsByDay = new Map(days.map((entry) => [entry.day, entry.charged_seconds]));
  return Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(nowMs - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return { day, minutes: (secondsByDay.get(day) ?? 0) / 60 };
  });
}

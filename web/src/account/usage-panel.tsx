import type { AnalyticsResponse } from '../../../shared/api/accounts.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Polled } from '../api/use-polled.ts';
import { dayWords, money, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';

/** The last 30 days as bars, and the totals of all time. */
export function UsagePanel({ usage }: { usage: Polled<AnalyticsResponse> }) {
  const { usage: words } = useWords('account');
  const totals = usage.data?.totals;
  return (
    <section className="panel usage" aria-labelledby="usage">
      <h2 id="usage">{words.title}</h2>
      {usage.data && <UsagePlot days={usageDays(usage.data.days, Date.now())} />}
      {usage.data && usage.data.days.length > 0 && <UsageTable days={usage.data.days} />}
      <dl className="facts">
        <div>
          <dt>{words.callsSoFar}</dt>
          <dd>{totals ? totals.calls : '–'}</dd>
        </div>
        <div>
          <dt>{words.talked}</dt>
          <dd>{totals ? shortDuration(totals.charged_seconds) : '–'}</dd>
        </div>
        <div>
          <dt>{words.average}</dt>
          <dd>{totals ? shortDuration(totals.average_call_seconds) : '–'}</dd>
        </div>
        <div>
          <dt>{words.spent}</dt>
          <dd>{totals ? spentWords(totals.spent, words.nothing) : '–'}</dd>
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
              <th scope="row">{dayWords(day)}</th>
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
function spentWords(spent: AnalyticsResponse['totals']['spent'], nothing: string): string {
  return spent.map(({ currency, cents }) => money(cents, currency)).join(' + ') || nothing;
}

const WIDTH = 300;
const HEIGHT = 80;
const GAP = 2;

/** Time by day as bars; the highest bar fills the height. */
function UsagePlot({ days }: { days: UsageDay[] }) {
  const { usage: words } = useWords('account');
  const highest = Math.max(60, ...days.map((entry) => entry.seconds));
  const step = WIDTH / days.length;
  const total = days.reduce((sum, entry) => sum + entry.seconds, 0);
  const label = words.plot(days.length, shortDuration(total), shortDuration(highest));

  return (
    <figure className="plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
        {days.map((entry, index) => {
          const height = (entry.seconds / highest) * HEIGHT;
          return (
            <rect
              key={entry.day}
              className={entry.seconds > 0 ? 'bar' : 'bar empty'}
              x={index * step + GAP / 2}
              y={entry.seconds > 0 ? HEIGHT - Math.max(2, height) : HEIGHT - 1}
              width={step - GAP}
              height={entry.seconds > 0 ? Math.max(2, height) : 1}
            >
              <title>{`${dayWords(entry.day)}: ${shortDuration(entry.seconds)}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{dayWords(days[0]?.day ?? '')}</span>
        <span>{words.tallest(shortDuration(highest))}</span>
        <span>{dayWords(days.at(-1)?.day ?? '')}</span>
      </figcaption>
    </figure>
  );
}

interface UsageDay {
  /** YYYY-MM-DD, UTC */
  day: string;
  seconds: number;
}

const DAYS = 30;
const DAY_MS = 86_400_000;

/** The last 30 days up to today (UTC), oldest first; days that the answer leaves out had no calls. */
function usageDays(days: AnalyticsResponse['days'], nowMs: number): UsageDay[] {
  const secondsByDay = new Map(days.map((entry) => [entry.day, entry.charged_seconds]));
  return Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(nowMs - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return { day, seconds: secondsByDay.get(day) ?? 0 };
  });
}

import { useLocation, useSearch } from 'wouter';
import type { Range } from './board-api.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const PRESETS = {
  today: { name: 'Today', days: 1, step: 'hour' },
  week: { name: '7 days', days: 7, step: 'day' },
  month: { name: '30 days', days: 30, step: 'day' },
  quarter: { name: '90 days', days: 90, step: 'week' },
  year: { name: '12 months', days: 365, step: 'month' },
} as const;
type Preset = keyof typeof PRESETS;

const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
const dayText = (date: Date) =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;

/** Steps that make a range easy to look at: hours of three days, days of three months, and so on. */
function stepOf(fromMs: number, toMs: number): Range['step'] {
  const days = (toMs - fromMs) / DAY_MS;
  if (days <= 3) return 'hour';
  if (days <= 92) return 'day';
  return days <= 400 ? 'week' : 'month';
}

/** The range in the address: a preset, or two days. The end is the next full hour, so that the address is asked once an hour. */
function rangeOf(search: string): Range & { preset: Preset | null; firstDay: string; lastDay: string } {
  const params = new URLSearchParams(search);
  const [first, last] = [params.get('from'), params.get('to')].map((day) =>
    day !== null && /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00`) : null,
  );
  if (first && last && first.getTime() <= last.getTime()) {
    const end = new Date(last.getFullYear(), last.getMonth(), last.getDate() + 1);
    const step = stepOf(first.getTime(), end.getTime());
    const [firstDay, lastDay] = [dayText(first), dayText(last)];
    return { from: first.toISOString(), to: end.toISOString(), step, zone, preset: null, firstDay, lastDay };
  }
  const asked = params.get('range') ?? 'month';
  const preset = asked in PRESETS ? (asked as Preset) : 'month';
  const { days, step } = PRESETS[preset];
  const now = new Date();
  const start = midnight(new Date(now.getFullYear(), now.getMonth(), now.getDate() - (days - 1)));
  const from = preset === 'year' ? new Date(now.getFullYear(), now.getMonth() - 11, 1) : start;
  const to = new Date(Math.ceil((now.getTime() + 1) / HOUR_MS) * HOUR_MS);
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    step,
    zone,
    preset,
    firstDay: dayText(from),
    lastDay: dayText(now),
  };
}

export function useRange() {
  return rangeOf(useSearch());
}

/** Which range the figures are of. It stands in the address, so that a look can be kept and sent. */
export function RangePicker() {
  const [address, navigate] = useLocation();
  const search = useSearch();
  const { preset, firstDay, lastDay } = rangeOf(search);
  const go = (changes: Record<string, string | null>) => {
    const params = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) params.delete(name);
      else params.set(name, value);
    }
    navigate(`${address}?${params}`, { replace: true });
  };
  return (
    <fieldset className="range">
      <legend className="hidden">Range</legend>
      <div className="row">
        {(Object.keys(PRESETS) as Preset[]).map((name) => (
          <button
            key={name}
            type="button"
            className="quiet"
            aria-pressed={preset === name}
            onClick={() => go({ range: name, from: null, to: null })}
          >
            {PRESETS[name].name}
          </button>
        ))}
      </div>
      <div className="row">
        <label>
          From
          <input
            type="date"
            value={firstDay}
            max={lastDay}
            onChange={({ target }) => target.value && go({ range: null, from: target.value, to: lastDay })}
          />
        </label>
        <label>
          To, with that day
          <input
            type="date"
            value={lastDay}
            min={firstDay}
            onChange={({ target }) => target.value && go({ range: null, from: firstDay, to: target.value })}
          />
        </label>
      </div>
    </fieldset>
  );
}

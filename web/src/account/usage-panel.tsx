import type { AnalyticsResponse } from '../../../shared/api/accounts.ts';
import { money, shortDuration } from '../../../shared/units.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Polled } from '../api/use-polled.ts';
import { usageDays } from './usage-days.ts';
import { UsagePlot } from './usage-plot.tsx';

/** The last 30 days as bars, and the totals of all time. */
export function UsagePanel({ usage }: { usage: Polled<AnalyticsResponse> }) {
  const totals = usage.data?.totals;
  return (
    <section className="panel usage" aria-labelledby="usage">
      <h2 id="usage">Last 30 days</h2>
      <UsagePlot days={usageDays(usage.data?.days ?? [], Date.now())} />
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
          <dd>{totals ? money(totals.spent_cents, totals.currency) : '–'}</dd>
        </div>
      </dl>
      {usage.error != null && <ErrorMessage error={usage.error} />}
    </section>
  );
}

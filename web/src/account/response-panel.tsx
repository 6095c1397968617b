import type { AnalyticsResponse } from '../../../shared/api/accounts.ts';
import { responseTime } from '../units/response-time.ts';
import { ResponsePlot } from './response-plot.tsx';

/** How soon answers came in the last calls, and how well calls went. Nothing before the first measured call. */
export function ResponsePanel({ usage }: { usage: AnalyticsResponse | null }) {
  if (!usage || usage.conversation.measured_calls === 0) return null;
  const { latency_p50_ms: latencyMs, quality } = usage.conversation;
  return (
    <section className="panel usage" aria-labelledby="responses" data-testid="responses">
      <h2 id="responses">How soon answers come</h2>
      <ResponsePlot calls={usage.calls} />
      <p className="faint">
        By call: half of the answers within the solid bar, nearly all within the pale one.
      </p>
      <dl className="facts">
        <div>
          <dt>Typical wait for an answer</dt>
          <dd>{latencyMs === null ? '–' : responseTime(latencyMs)}</dd>
        </div>
        <div>
          <dt>Quality</dt>
          <dd>{quality === null ? '–' : `${quality} of 100`}</dd>
        </div>
      </dl>
    </section>
  );
}

import type { AnalyticsResponse, MeasuredCall } from '../../../shared/api/accounts.ts';
import { responseTime } from '../units.ts';

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

const WIDTH = 300;
const HEIGHT = 80;
const GAP = 2;
/** Bars of few calls are no wider than those of so many. */
const PLACES = 30;

const dayOf = (call: MeasuredCall | undefined) => call?.opened_at.slice(0, 10);

/**
 * Response times by call, the latest on the right: a solid bar as high as half of the turns took at most, and behind it a pale one
 * for 95 % of them.
 */
function ResponsePlot({ calls }: { calls: MeasuredCall[] }) {
  const measured = calls.filter((call) => call.latency_p50_ms !== null);
  if (measured.length === 0) return null;
  const slowestMs = Math.max(...measured.map((call) => call.latency_p95_ms ?? call.latency_p50_ms ?? 0), 1);
  const step = WIDTH / Math.max(PLACES, measured.length);
  const left = WIDTH - measured.length * step;
  const height = (ms: number | null) => Math.max(2, ((ms ?? 0) / slowestMs) * HEIGHT);
  const label = `Response times of the last ${measured.length} calls: at most ${responseTime(slowestMs)}.`;

  return (
    <figure className="plot" data-testid="response-plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
        {measured.map((call, index) => {
          const { latency_p50_ms: p50, latency_p95_ms: p95 } = call;
          const place = { x: left + index * step + GAP / 2, width: step - GAP };
          return (
            <g key={call.call_id}>
              <title>
                {`${dayOf(call)}: half of the answers within ${responseTime(p50 ?? 0)}, nearly all within ${responseTime(p95 ?? 0)}`}
              </title>
              <rect className="bar pale" {...place} y={HEIGHT - height(p95)} height={height(p95)} />
              <rect className="bar" {...place} y={HEIGHT - height(p50)} height={height(p50)} />
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span>tallest bar {responseTime(slowestMs)}</span>
        <span>latest call {dayOf(measured.at(-1))}</span>
      </figcaption>
    </figure>
  );
}

import type { AnalyticsResponse, MeasuredCall } from '../../../shared/api/accounts.ts';
import { dayWords, responseTime } from '../units.ts';
import { useWords } from '../words/use-words.ts';

/** How soon answers came in the last calls, and how well calls went. Nothing before the first measured call. */
export function ResponsePanel({ usage }: { usage: AnalyticsResponse | null }) {
  const { responses: words } = useWords('account');
  if (!usage || usage.conversation.measured_calls === 0) return null;
  const { latency_p50_ms: latencyMs, quality } = usage.conversation;
  return (
    <section className="panel usage" aria-labelledby="responses" data-testid="responses">
      <h2 id="responses">{words.title}</h2>
      <ResponsePlot calls={usage.calls} />
      <p className="faint">{words.why}</p>
      <dl className="facts">
        <div>
          <dt>{words.typical}</dt>
          <dd>{latencyMs === null ? '–' : responseTime(latencyMs)}</dd>
        </div>
        <div>
          <dt>{words.quality}</dt>
          <dd>{quality === null ? '–' : words.of100(quality)}</dd>
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

const dayOf = (call: MeasuredCall | undefined) => (call === undefined ? '' : dayWords(call.opened_at));

/**
 * Response times by call, the latest on the right: a solid bar as high as half of the turns took at most, and behind it a pale one
 * for 95 % of them.
 */
function ResponsePlot({ calls }: { calls: MeasuredCall[] }) {
  const { responses: words } = useWords('account');
  const measured = calls.filter((call) => call.latency_p50_ms !== null);
  if (measured.length === 0) return null;
  const slowestMs = Math.max(...measured.map((call) => call.latency_p95_ms ?? call.latency_p50_ms ?? 0), 1);
  const step = WIDTH / Math.max(PLACES, measured.length);
  const left = WIDTH - measured.length * step;
  const height = (ms: number | null) => Math.max(2, ((ms ?? 0) / slowestMs) * HEIGHT);
  const label = words.plot(measured.length, responseTime(slowestMs));

  return (
    <figure className="plot" data-testid="response-plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
        {measured.map((call, index) => {
          const { latency_p50_ms: p50, latency_p95_ms: p95 } = call;
          const place = { x: left + index * step + GAP / 2, width: step - GAP };
          return (
            <g key={call.call_id}>
              <title>{words.bar(dayOf(call), responseTime(p50 ?? 0), responseTime(p95 ?? 0))}</title>
              <rect className="bar pale" {...place} y={HEIGHT - height(p95)} height={height(p95)} />
              <rect className="bar" {...place} y={HEIGHT - height(p50)} height={height(p50)} />
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span>{words.tallest(responseTime(slowestMs))}</span>
        <span>{words.latest(dayOf(measured.at(-1)))}</span>
      </figcaption>
    </figure>
  );
}

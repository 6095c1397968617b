/** What a call is judged by. Latencies are undefined where no turn was measured. */
export type QualityInput = {
  turns: number;
  p50Ms: number | undefined;
  p95Ms: number | undefined;
  /** Turns that a provider's failure left without an answer; the caller heard an apology, or nothing. */
  unanswered: number;
  interruptions: number;
  falseInterruptions: number;
  errors: number;
  endReason: string;
};

/** Ends that neither the caller nor their time decided. */
const OUR_ENDS = new Set([
  'provider_outage',
  'our_outage',
  'conversation_failed',
  'billing_unreachable',
  'job_shutdown',
  'fenced',
]);

/** 0 up to `from`, 1 from `to` on, a straight line in between. */
const between = (value: number, from: number, to: number) =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));

/**
 * How well the machinery served a call, 0 to 100; undefined when nothing was said in it and it did not fail. From 100
 * it takes:
 * - up to 20 for the median of the turns: none up to 800 ms, all from 3 s on
 * - up to 15 for their 95th percentile: none up to 1.5 s, all from 6 s on
 * - up to 30 for turns without an answer: all when a third of them had none
 * - up to 10 for interruptions by the caller: all when every second turn was one
 * - up to 5 for false interruptions, likewise
 * - up to 5 for errors of providers: all when there was one in every second turn
 * - 15 when the call ended for a reason of ours
 *
 * It says nothing of whether the answers were right, kind or useful.
 */
export function scoreQuality(call: QualityInput): number | undefined {
  const turns = Math.max(call.turns, call.unanswered);
  const endedByUs = OUR_ENDS.has(call.endReason);
  if (turns === 0 && !endedByUs) return undefined;
  const share = (count: number, allAt: number) => between(count / Math.max(1, turns), 0, allAt);
  const taken =
    20 * between(call.p50Ms ?? 0, 800, 3000) +
    15 * between(call.p95Ms ?? 0, 1500, 6000) +
    30 * share(call.unanswered, 1 / 3) +
    10 * share(call.interruptions, 1 / 2) +
    5 * share(call.falseInterruptions, 1 / 2) +
    5 * share(call.errors, 1 / 2) +
    (endedByUs ? 15 : 0);
  return Math.round(100 - taken);
}

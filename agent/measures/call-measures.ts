import type { ProviderPrices } from '../../shared/provider-prices.ts';
import { estimateCost } from './estimate-cost.ts';
import { scoreQuality } from './score-quality.ts';
import { TURN_PARTS, type TurnLog } from './turn-log.ts';
import type { Usage } from './usage.ts';

/** What is counted while a call goes on. */
export type Counts = {
  /** Answers that the caller cut short. */
  interruptions: number;
  /** Sounds that stopped the agent for a moment and were no words. */
  falseInterruptions: number;
  unanswered: number;
  toolCalls: number;
  failedToolCalls: number;
  /** Failed attempts that were repeated. */
  retries: number;
  /** Failures that were not, by what failed and who provides it. */
  errors: Map<string, number>;
};

/** The measures of one call, as `settle_call` takes them. Figures and names of models only, never words. */
export type CallMeasures = ReturnType<typeof summarize>;

/** @param endReason why the call ended */
export function summarize(
  turns: TurnLog,
  counts: Counts,
  usage: Usage,
  prices: ProviderPrices,
  endReason: string,
) {
  const whole = turns.summary('whole');
  const errors = [...counts.errors.values()].reduce((sum, count) => sum + count, 0);
  const { micros, unpriced } = estimateCost(usage, prices);
  const quality = scoreQuality({
    turns: turns.count,
    p50Ms: whole?.p50_ms,
    p95Ms: whole?.p95_ms,
    unanswered: counts.unanswered,
    interruptions: counts.interruptions,
    falseInterruptions: counts.falseInterruptions,
    errors,
    endReason,
  });
  return {
    turns: turns.count,
    interruptions: counts.interruptions,
    errors,
    latency_p50_ms: whole?.p50_ms ?? null,
    latency_p95_ms: whole?.p95_ms ?? null,
    provider_cost_micros: micros,
    quality: quality ?? null,
    unpriced,
    false_interruptions: counts.falseInterruptions,
    unanswered_turns: counts.unanswered,
    tool_calls: counts.toolCalls,
    failed_tool_calls: counts.failedToolCalls,
    retries: counts.retries,
    errors_by_provider: Object.fromEntries(counts.errors),
    parts: Object.fromEntries(TURN_PARTS.map((part) => [part, turns.summary(part) ?? null])),
    /** The latest turns, each with its parts in that order, in milliseconds. */
    turn_parts: [...TURN_PARTS],
    latest_turns: turns.kept.map((turn) => TURN_PARTS.map((part) => turn[part] ?? null)),
    ...structuredClone(usage),
  };
}

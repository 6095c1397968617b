import type { Report } from '../worker/reports.ts';
import type { CallMeasures } from './call-measures.ts';
import { TURN_PARTS, type Turn } from './turn-log.ts';

/** A turn as the worker's metrics take it. */
export function turnReport(turn: Turn): Report {
  const parts = TURN_PARTS.flatMap((part) => {
    const ms = turn[part];
    return ms === undefined ? [] : [[part, ms / 1000]];
  });
  return { type: 'turn', parts: Object.fromEntries(parts) };
}

/** A call that ended as the worker's metrics take it. */
export function measuresReport(measures: CallMeasures): Report {
  const { llm, tts, stt, unpriced, quality, provider_cost_micros, errors_by_provider } = measures;
  return {
    type: 'call_measured',
    interruptions: measures.interruptions,
    false_interruptions: measures.false_interruptions,
    unanswered_turns: measures.unanswered_turns,
    tool_calls: measures.tool_calls,
    retries: measures.retries,
    errors_by_provider,
    provider_cost_micros,
    unpriced,
    quality,
    llm,
    tts,
    stt,
  };
}

import { expect, test } from 'vitest';
import { summarize } from '../../agent/measures/call-measures.ts';
import { TurnLog } from '../../agent/measures/turn-log.ts';
import { createWorkerMetrics } from '../../agent/worker/metrics.ts';
import { listenForReports, measuresReport, openReporter, turnReport } from '../../agent/worker/reports.ts';
import { readProviderPrices } from '../../shared/provider-prices.ts';

test('what a job measures arrives at its worker, and Prometheus reads it there', async () => {
  const metrics = createWorkerMetrics(() => 0);
  const reports = await listenForReports(metrics.record);
  const report = openReporter();
  const turns = new TurnLog((turn) => report(turnReport(turn)));
  turns.begin({ end_of_turn: 400, transcription: 210.4 }, 0);
  turns.heard({ llm_first_token: 300, tts_first_byte: 250, whole: 1200 }, 0, 1200);
  const counts = {
    interruptions: 2,
    falseInterruptions: 1,
    unanswered: 0,
    toolCalls: 3,
    failedToolCalls: 0,
    retries: 4,
    errors: new Map([['llm@api.openai.com', 1]]),
  };
  const llm = { model: 'gpt-4.1-mini', provider: 'api.openai.com', requests: 1, input_tokens: 1_000_000 };
  const usage = {
    llm: [{ ...llm, cached_tokens: 0, output_tokens: 5 }],
    tts: [{ model: 'a-voice', provider: 'somewhere', requests: 1, characters: 100, audio_ms: 6_500 }],
    stt: [{ model: 'nova-3', provider: 'api.deepgram.com', audio_ms: 60_000 }],
  };
  const prices = readProviderPrices();
  report(measuresReport(summarize(turns, counts, usage, prices, 'said_goodbye')));
  const read = () => metrics.registry.metrics();
  await expect.poll(read).toContain('mindbot_heard_seconds_total{model="nova-3"} 60');
  const text = await read();
  for (const line of [
    'mindbot_turn_latency_seconds_sum 1.2',
    'mindbot_turn_part_seconds_sum{part="end_of_turn"} 0.4',
    'mindbot_turn_part_seconds_sum{part="transcription"} 0.21',
    'mindbot_turn_part_seconds_sum{part="llm_first_token"} 0.3',
    'mindbot_turn_part_seconds_sum{part="tts_first_byte"} 0.25',
    'mindbot_provider_errors_total{provider="llm@api.openai.com"} 1',
    'mindbot_tokens_total{model="gpt-4.1-mini",kind="input"} 1000000',
    'mindbot_spoken_characters_total{model="a-voice"} 100',
    'mindbot_spoken_seconds_total{model="a-voice"} 6.5',
    'mindbot_unpriced_calls_total{model="a-voice"} 1',
    // 400,000 for a million tokens in, 8 for five out, 7,700 for a minute heard.
    'mindbot_provider_cost_dollars_total 0.407708',
    'mindbot_conversation_events_total{event="interruption"} 2',
    'mindbot_conversation_events_total{event="false_interruption"} 1',
    'mindbot_conversation_events_total{event="tool_call"} 3',
    'mindbot_conversation_events_total{event="retry"} 4',
    'mindbot_call_quality_count 1',
  ]) {
    expect.soft(text).toContain(line);
  }
  reports.close();
});

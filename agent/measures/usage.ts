import type { metrics } from '@livekit/agents';

/** What was used of a model at a provider, which is named by its host. */
type Model = { model: string; provider: string };
export type LlmUse = Model & {
  requests: number;
  /** With the cached ones. */
  input_tokens: number;
  cached_tokens: number;
  output_tokens: number;
};
export type TtsUse = Model & { requests: number; characters: number; audio_ms: number };
export type SttUse = Model & { audio_ms: number };
export type Usage = { llm: LlmUse[]; tts: TtsUse[]; stt: SttUse[] };

/** More models than any configuration has; what comes beyond is counted with the last one. */
const MAX_MODELS = 8;

/** A name that can be a label anywhere, and is no sentence. */
export const nameOf = (text: string | undefined): string =>
  (text ?? '').replace(/[^\w.:@/-]/g, '_').slice(0, 64) || 'unknown';

/** Amounts of anybody else's making: never negative, never a fraction. */
const amount = (value: number | undefined): number =>
  Number.isFinite(value) ? Math.max(0, Math.round(value ?? 0)) : 0;

function entryOf<Entry extends Model>(
  entries: Entry[],
  metadata: metrics.LLMMetrics['metadata'],
  empty: Omit<Entry, keyof Model>,
): Entry {
  const model = { model: nameOf(metadata?.modelName), provider: nameOf(metadata?.modelProvider) };
  const isSame = (entry: Model) => entry.model === model.model && entry.provider === model.provider;
  const known = entries.find(isSame) ?? (entries.length >= MAX_MODELS ? entries.at(-1) : undefined);
  if (known) return known;
  const entry = { ...model, ...empty } as Entry;
  entries.push(entry);
  return entry;
}

/** Adds what the framework reports, in place. */
export function addUsage(usage: Usage, report: metrics.AgentMetrics): void {
  if (report.type === 'llm_metrics') {
    const none = { requests: 0, input_tokens: 0, cached_tokens: 0, output_tokens: 0 };
    const entry = entryOf<LlmUse>(usage.llm, report.metadata, none);
    entry.requests++;
    entry.input_tokens += amount(report.promptTokens);
    entry.cached_tokens += Math.min(amount(report.promptCachedTokens), amount(report.promptTokens));
    entry.output_tokens += amount(report.completionTokens);
  } else if (report.type === 'tts_metrics' && !report.streamed) {
    // What speaks sentence by sentence is reported twice: each request, and all of them again as streamed.
    const none = { requests: 0, characters: 0, audio_ms: 0 };
    const entry = entryOf<TtsUse>(usage.tts, report.metadata, none);
    entry.requests++;
    entry.characters += amount(report.charactersCount);
    entry.audio_ms += amount(report.audioDurationMs);
  } else if (report.type === 'stt_metrics') {
    const entry = entryOf<SttUse>(usage.stt, report.metadata, { audio_ms: 0 });
    entry.audio_ms += amount(report.audioDurationMs);
  }
}

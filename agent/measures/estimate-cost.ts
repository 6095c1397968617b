import type { ProviderPrice, ProviderPrices } from '../../shared/provider-prices.ts';
import type { LlmUse, SttUse, TtsUse, Usage } from './usage.ts';

const MILLION = 1_000_000;
const MINUTE_MS = 60_000;

/** Cost of an amount, in millionths of a dollar; undefined without a price. Nothing costs nothing. */
const cost = (amount: number, micros: number | undefined, per: number): number | undefined =>
  amount === 0 ? 0 : micros === undefined ? undefined : Math.round((amount * micros) / per);

function sum(costs: (number | undefined)[]): number | undefined {
  return costs.reduce<number | undefined>(
    (total, part) => (total === undefined || part === undefined ? undefined : total + part),
    0,
  );
}

function costOfLlm(used: LlmUse, price: ProviderPrice): number | undefined {
  const input = price.input_micros_per_million_tokens;
  return sum([
    cost(used.input_tokens - used.cached_tokens, input, MILLION),
    cost(used.cached_tokens, price.cached_micros_per_million_tokens ?? input, MILLION),
    cost(used.output_tokens, price.output_micros_per_million_tokens, MILLION),
  ]);
}

function costOfTts(used: TtsUse, price: ProviderPrice): number | undefined {
  return price.micros_per_million_characters === undefined
    ? cost(used.audio_ms, price.micros_per_minute, MINUTE_MS)
    : cost(used.characters, price.micros_per_million_characters, MILLION);
}

const costOfStt = (used: SttUse, price: ProviderPrice) =>
  cost(used.audio_ms, price.micros_per_minute, MINUTE_MS);

/** A service on this machine, which nobody sends a bill for. */
export const isOnThisMachine = (provider: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(provider);

/** An estimate. A model without a price is named, and what was used of it is not in the sum. */
export type CostEstimate = { micros: number; unpriced: string[] };

/**
 * What the providers will ask for it, in millionths of a US dollar. A model on this machine costs nothing, unless the
 * operator set a price for it: what answers there may pass requests on to a service that does cost something.
 */
export function estimateCost({ llm, tts, stt }: Usage, prices: ProviderPrices): CostEstimate {
  const estimate: CostEstimate = { micros: 0, unpriced: [] };
  const add = <Used extends { model: string; provider: string }>(
    entries: Used[],
    costOf: (used: Used, price: ProviderPrice) => number | undefined,
  ) => {
    for (const used of entries) {
      const own = prices.own[used.model];
      if (own === undefined && isOnThisMachine(used.provider)) continue;
      const micros = costOf(used, own ?? prices.list[used.model] ?? {});
      if (micros !== undefined) estimate.micros += micros;
      else if (!estimate.unpriced.includes(used.model)) estimate.unpriced.push(used.model);
    }
  };
  add(llm, costOfLlm);
  add(tts, costOfTts);
  add(stt, costOfStt);
  return estimate;
}

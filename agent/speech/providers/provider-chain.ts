import type { Clock } from '../../../shared/clock.ts';

/**
 * How long a provider that failed is left alone. Shorter, and an outage costs every other turn a deadline; longer, and
 * callers stay with the second choice after the first one is well again.
 */
const COOL_DOWN_MS = 30_000;

/** How long one is left alone that refuses: a key, a model or a voice that is wrong stays so for the length of a call. */
export const REFUSED_MS = 600_000;

/** Providers of one thing, the first choice first. */
export class ProviderChain<Provider> {
  readonly providers: readonly [Provider, ...Provider[]];
  readonly clock: Clock;
  readonly #leftAloneUntilMs = new Map<Provider, number>();

  constructor(providers: readonly [Provider, ...Provider[]], clock: Clock) {
    this.providers = providers;
    this.clock = clock;
  }

  /** Whom to ask, in this order. One that failed a moment ago comes last: better than none. */
  inOrder(): Provider[] {
    const isAlone = (provider: Provider) =>
      (this.#leftAloneUntilMs.get(provider) ?? Number.NEGATIVE_INFINITY) > this.clock.nowMs();
    return [
      ...this.providers.filter((provider) => !isAlone(provider)),
      ...this.providers.filter((provider) => isAlone(provider)),
    ];
  }

  /** @param atLeastMs what the provider itself asks for */
  leaveAlone(provider: Provider, atLeastMs = 0): void {
    this.#leftAloneUntilMs.set(provider, this.clock.nowMs() + Math.max(COOL_DOWN_MS, atLeastMs));
  }
}

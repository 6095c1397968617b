import type { Clock } from '../../../shared/clock.ts';
import type { ListenEnd } from './listen-end.ts';

/** A server that speaks Deepgram's protocol. */
export type Provider = { name: string; url: string; apiKey: string; model: string };

/** After so many failures in a row the next provider is tried. */
const MAX_FAILURES = 2;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
const FIRST_COOL_DOWN_MS = 30_000;
const MAX_COOL_DOWN_MS = 300_000;

type State = {
  provider: Provider;
  failures: number;
  failedAtMs: number;
  /** Not to be tried before that, where there is another. */
  coolUntilMs: number;
  coolDownMs: number;
  /** It refused what was asked of it, and will again: the key or the configuration is wrong, or the credit is gone. */
  hasRefused: boolean;
};

/** The providers in the order in which they are wanted, each with a breaker: one that keeps failing is left alone. */
export class Providers {
  readonly #states: State[];
  readonly #clock: Clock;
  readonly #random: () => number;

  /** @param random 0 to 1: spreads the attempts of many calls that lost the same provider */
  constructor(providers: readonly Provider[], clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#states = providers.map((provider) => ({
      provider,
      failures: 0,
      failedAtMs: 0,
      coolUntilMs: Number.NEGATIVE_INFINITY,
      coolDownMs: FIRST_COOL_DOWN_MS,
      hasRefused: false,
    }));
  }

  /** Whether every provider has refused, so that trying again soon is of no use. */
  get haveAllRefused(): boolean {
    return this.#states.every((state) => state.hasRefused);
  }

  /** Whom to try next, and how long to wait before that. */
  next(): { provider: Provider; afterMs: number } {
    const nowMs = this.#clock.nowMs();
    const isCool = (state: State) => state.coolUntilMs <= nowMs;
    const chosen =
      this.#states.find(isCool) ??
      this.#states.filter((state) => !state.hasRefused).toSorted((a, b) => a.failedAtMs - b.failedAtMs)[0] ??
      this.#states.toSorted((a, b) => a.coolUntilMs - b.coolUntilMs)[0];
    if (!chosen) throw new Error('There is no provider.');
    const { provider, failures, hasRefused, coolUntilMs } = chosen;
    if (hasRefused) return { provider, afterMs: Math.max(0, coolUntilMs - nowMs) };
    if (failures === 0) return { provider, afterMs: 0 };
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    return { provider, afterMs: pauseMs * (0.5 + this.#random() / 2) };
  }

  failed(provider: Provider, reason: ListenEnd['reason']): void {
    const state = this.#stateOf(provider);
    state.failures++;
    state.failedAtMs = this.#clock.nowMs();
    state.hasRefused = reason === 'refused';
    // Who waited in vain does not wait the same time again where there is somebody else.
    const isHopeless = state.hasRefused || reason === 'hung';
    if (state.failures < MAX_FAILURES && !isHopeless) return;
    state.coolUntilMs = state.failedAtMs + state.coolDownMs;
    state.coolDownMs = Math.min(MAX_COOL_DOWN_MS, state.coolDownMs * 2);
  }

  worked(provider: Provider): void {
    const fresh = { failures: 0, coolUntilMs: Number.NEGATIVE_INFINITY, coolDownMs: FIRST_COOL_DOWN_MS };
    Object.assign(this.#stateOf(provider), { ...fresh, hasRefused: false });
  }

  /** How long until one that is wanted more may be tried again; undefined when there is none. */
  betterAfterMs(provider: Provider): number | undefined {
    const better = this.#states.slice(0, this.#states.indexOf(this.#stateOf(provider)));
    if (better.length === 0) return undefined;
    const coolAtMs = Math.min(...better.map((state) => state.coolUntilMs));
    return Math.max(0, coolAtMs - this.#clock.nowMs());
  }

  #stateOf(provider: Provider): State {
    const state = this.#states.find((candidate) => candidate.provider === provider);
    if (!state) throw new Error(`${provider.name} is none of the providers.`);
    return state;
  }
}

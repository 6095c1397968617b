import { test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { closing } from '../support/closing.ts';
import { type Script, startScriptedProvider } from './scripted-provider.ts';

/** What is told of providers, and a clock that can be put forward. */
export class Watch<Metrics> {
  /** Besides the time that really passes. */
  passedMs = 0;
  /** Of each error, whether it can be recovered from. */
  readonly errors: boolean[] = [];
  readonly counted: Metrics[] = [];
  readonly clock = { ...systemClock, nowMs: () => systemClock.nowMs() + this.passedMs };
}

/** A test that is given two providers that answer as told, `first` and `second`, and a `watch`. */
export function testWithProviders<Metrics>(usually: Script) {
  const provider = closing(() => startScriptedProvider(usually));
  return test
    .extend('first', provider)
    .extend('second', provider)
    .extend('watch', () => new Watch<Metrics>());
}

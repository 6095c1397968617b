import type { Dependencies } from '../base/dependencies.ts';
import { createMetronomeSink } from './metronome-sink.ts';
import type { UsageSink } from './sink.ts';
import { createStripeSink } from './stripe-sink.ts';

/** Where this deployment bills usage. */
export function createSink(deps: Dependencies): UsageSink {
  const { METRONOME_API_KEY: token, METRONOME_API_URL: url } = deps.config;
  return token === undefined ? createStripeSink(deps) : createMetronomeSink({ url, token });
}

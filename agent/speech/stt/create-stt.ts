import { type Logger, pino } from 'pino';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { SpokenCaller } from '../../person/spoken-caller.ts';
import { LISTEN_DEADLINES, type ListenDeadlines } from './listen-connection.ts';
import { listenLanguage } from './listen-url.ts';
import type { Provider } from './providers.ts';
import { Stt, type SttEvents } from './stt.ts';

const MODEL = 'nova-3';
/** What a fallback without a key is sent: Deepgram's key is none of its business. */
const NO_KEY = 'none';

type Options = SttEvents & {
  /** What is not given is not told. */
  logger?: Logger;
  clock?: Clock;
  random?: () => number;
  deadlines?: ListenDeadlines;
};

const providerAt = (url: string, apiKey: string, model = MODEL): Provider => ({
  name: new URL(url).host,
  url,
  apiKey,
  model,
});

/** What hears the caller: Deepgram, and where it fails the fallback that is configured. */
export function createStt(config: CallConfig, caller: SpokenCaller, options: Options = {}): Stt {
  const {
    logger = pino({ level: 'silent' }),
    clock = systemClock,
    random = Math.random,
    deadlines = LISTEN_DEADLINES,
    ...events
  } = options;
  const first = providerAt(config.DEEPGRAM_BASE_URL, config.DEEPGRAM_API_KEY);
  const { DEEPGRAM_FALLBACK_BASE_URL: url, DEEPGRAM_FALLBACK_API_KEY: key } = config;
  const fallback = url && providerAt(url, key ?? NO_KEY, config.DEEPGRAM_FALLBACK_MODEL);
  const providers: [Provider, ...Provider[]] = fallback ? [first, fallback] : [first];
  return new Stt({
    providers,
    logger,
    language: listenLanguage(caller.locale),
    deadlines,
    clock,
    random,
    events,
  });
}

import type { Provider } from './providers.ts';

/** Hz. What Deepgram's models were trained on; more would only be more to send. */
export const SAMPLE_RATE = 16_000;

/** https://developers.deepgram.com/docs/models-languages-overview, nova-3, March 2026. */
const NOVA_3_LANGUAGES = new Set(
  (
    'be bg bn bs ca cs da da-DK de de-CH el en en-AU en-GB en-IN en-NZ en-US es es-419 et fi fr fr-CA hi hr hu id ' +
    'it ja kn ko ko-KR lt lv mk mr ms nl nl-BE no pl pt pt-BR pt-PT ro ru sk sl sr sv sv-SE ta te tl tr uk vi zh ' +
    'zh-CN zh-Hans zh-Hant zh-TW'
  ).split(' '),
);

/**
 * The language to ask for: the caller's with its region, or without, where nova-3 knows it, as one language is heard
 * better than any; `multi` (ten languages at once) where it does not, as a refused call hears nothing at all.
 */
export function listenLanguage(locale: string): string {
  const [language = '', ...rest] = locale.split('-');
  const plain = language.toLowerCase();
  const full = [plain, ...rest].join('-');
  return [full, plain].find((candidate) => NOVA_3_LANGUAGES.has(candidate)) ?? 'multi';
}

/**
 * What is asked of a recogniser (https://developers.deepgram.com/reference/speech-to-text/listen-streaming):
 * - `interim_results`: shows the words while they are spoken, and that the recogniser is alive
 * - `endpointing` 25 ms: the words are final as soon as there is a gap. When the caller's turn is over is decided
 *   here, by voice activity and the turn model, and must not wait for the recogniser's opinion on top of that
 * - `smart_format`, which includes punctuation: numbers, amounts and times as figures, which models read best;
 *   with `no_delay`, or it would hold words back until it knows how a number goes on
 * - `vad_events`: says that speech begins before there are words
 * - no `keyterm`: costs extra by the minute, and the agent's vocabulary is that of any conversation
 */
export function listenUrl({ url, model }: Provider, language: string): URL {
  const address = new URL(`${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/v1/listen`);
  address.search = new URLSearchParams({
    model,
    language,
    encoding: 'linear16',
    sample_rate: String(SAMPLE_RATE),
    channels: '1',
    interim_results: 'true',
    endpointing: '25',
    punctuate: 'true',
    smart_format: 'true',
    no_delay: 'true',
    vad_events: 'true',
  }).toString();
  return address;
}

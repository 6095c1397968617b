import { expect, it } from 'vitest';
import { spokenCaller, UNKNOWN_CALLER } from '../../agent/person/caller-profile.ts';
import { chooseStandIns } from '../../commands/configuration/choose-stand-ins.ts';
import { checkSettings } from '../../commands/doctor/check-settings.ts';
import { parseListenOptions } from '../../local/speech/deepgram/listen-options.ts';
import { closestLocale, LOCALE_TAGS, LOCALES } from '../../shared/spoken/locales.ts';
import { decimalsOf, money } from '../../shared/units.ts';
import { developmentConfig } from './development-config.ts';

it.each([
  ['en-US', 'en-US'],
  ['en-GB', 'en-GB'],
  ['en-AU', 'en-US'],
  ['en', 'en-US'],
  ['de', 'de-DE'],
  ['de-AT', 'de-DE'],
  ['DE_ch', 'de-DE'],
  ['de-Latn-DE', 'de-DE'],
  ['es-419', 'es-ES'],
  ['fr-CA', 'fr-FR'],
  ['ja-JP', 'en-US'],
  ['', 'en-US'],
  ['not a locale', 'en-US'],
])('nearest to "%s" is %s', (tag, locale) => {
  expect(closestLocale(tag)).toBe(locale);
});

it('of those that there are', () => {
  expect(closestLocale('en-US', ['en-GB', 'de-DE'])).toBe('en-GB');
  expect(closestLocale('fr-FR', ['en-GB', 'en-US'])).toBe('en-US');
  expect(closestLocale('fr-FR', ['de-DE', 'es-ES'])).toBe('de-DE');
});

it('every locale is listed once, and Intl knows its figures', () => {
  expect([...LOCALE_TAGS].sort()).toEqual(Object.keys(LOCALES).sort());
  expect(Intl.NumberFormat.supportedLocalesOf(LOCALE_TAGS)).toEqual(LOCALE_TAGS);
});

const german = { ...UNKNOWN_CALLER, locale: 'de-AT' };

it('callers are spoken with in the nearest locale, and in the configured one where none is known', () => {
  const real = developmentConfig({
    DEEPGRAM_API_KEY: 'real',
    OPENAI_API_KEY: 'real',
    DEFAULT_LOCALE: 'fr-FR',
  });
  expect(spokenCaller(real, german).locale).toBe('de-DE');
  expect(spokenCaller(real).locale).toBe('fr-FR');
});

it('where nothing but English is understood, everybody is spoken with in English', () => {
  const standIns = developmentConfig({ DEFAULT_LOCALE: 'de-DE' });
  expect(spokenCaller(standIns, german).locale).toBe('en-US');
  expect(spokenCaller(standIns, { ...german, locale: 'en-GB' }).locale).toBe('en-GB');
  expect(spokenCaller(standIns).locale).toBe('en-US');
});

it.each([
  [{ DEEPGRAM_API_KEY: 'real' }, true],
  [{ OPENAI_API_KEY: 'real' }, true],
  [{ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', DEEPGRAM_API_KEY: 'real' }, true],
  [{ OPENAI_API_KEY: 'real', DEEPGRAM_API_KEY: 'real' }, false],
])('with %o only English is spoken: %s', (settings, isEnglishOnly) => {
  expect(chooseStandIns({ ...settings })).toMatchObject(isEnglishOnly ? {} : { stt: false, tts: false });
  const { SPOKEN_LOCALES } = developmentConfig(settings);
  expect(SPOKEN_LOCALES).toEqual(isEnglishOnly ? ['en-US', 'en-GB'] : LOCALE_TAGS);
});

it('the doctor says where everybody is spoken with in English', () => {
  const told = (settings: Record<string, string>) =>
    checkSettings(settings, '/no/such/file').filter(({ what }) => what.startsWith('Calls are in English'));
  expect(told({ DEEPGRAM_API_KEY: 'real' })).toHaveLength(1);
  expect(told({ DEEPGRAM_API_KEY: 'real', OPENAI_API_KEY: 'real' })).toEqual([]);
  expect(told({ ENVIRONMENT: 'production' })).toEqual([]);
});

it('a locale that nobody speaks is no configuration', () => {
  expect(() => developmentConfig({ DEFAULT_LOCALE: 'tlh' })).toThrow(/DEFAULT_LOCALE.*en-US/);
  const real = { DEEPGRAM_API_KEY: 'real', OPENAI_API_KEY: 'real' };
  expect(() => developmentConfig({ ...real, SPOKEN_LOCALES: 'en-US,tlh' })).toThrow(/SPOKEN_LOCALES/);
  expect(developmentConfig({ ...real, SPOKEN_LOCALES: 'de-DE, en-US' }).SPOKEN_LOCALES).toEqual([
    'de-DE',
    'en-US',
  ]);
});

it('the recogniser here refuses what it does not understand, and says why', () => {
  const query = (language: string) =>
    parseListenOptions(new URLSearchParams({ encoding: 'linear16', sample_rate: '16000', language }));
  expect(query('de')).toMatch(/^language: .*English only/);
  expect(query('en-GB')).toMatchObject({ sampleRate: 16_000 });
});

it.each([
  [4499, 'usd', 2, '$44.99'],
  [4500, 'jpy', 0, '¥4,500'],
  [250_000, 'huf', 2, 'HUF 2,500.00'],
  [50_000, 'isk', 2, 'ISK 500.00'],
  [12_340, 'kwd', 3, 'KWD 12.340'],
  [999, 'usdc', 2, '9.99 USDC'],
])('%d of %s, with %d decimals, are shown as %s', (amount, currency, decimals, shown) => {
  expect(decimalsOf(currency)).toBe(decimals);
  expect(money(amount, currency, 'en-US').replace(/\s/g, ' ')).toBe(shown);
});

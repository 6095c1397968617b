import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spokenDuration } from '../../shared/spoken/duration.ts';
import { LOCALE_TAGS } from '../../shared/spoken/locales.ts';
import { spokenPrice } from '../../shared/spoken/price.ts';
import { amountHeard, secondsHeard } from './read-aloud.ts';

/** Hours leave the seconds out. */
const spokenSeconds = (seconds: number) => (seconds < 3600 ? seconds : seconds - (seconds % 60));

const CURRENCIES = ['usd', 'eur', 'gbp', 'jpy', 'chf', 'huf', 'kwd'] as const;

describe.each(LOCALE_TAGS)('%s', (locale) => {
  it('says durations that a listener understands as they were meant', () => {
    const seconds = fc.oneof(fc.nat(4000), fc.nat(1_000_000));
    fc.assert(
      fc.property(seconds, (given) => {
        expect(secondsHeard(spokenDuration(given, locale), locale)).toBe(spokenSeconds(given));
      }),
      { numRuns: 500 },
    );
  });

  it.each(CURRENCIES)('says prices in %s that a listener understands as they were meant', (currency) => {
    const amounts = fc.oneof(fc.nat(300), fc.nat(99_999_999));
    fc.assert(
      fc.property(amounts, (given) => {
        expect(amountHeard(spokenPrice(given, currency, locale), currency, locale)).toBe(given);
      }),
      { numRuns: 300 },
    );
  });

  it('has only spaces that a line may break at', () => {
    for (const text of [spokenDuration(62, locale), spokenPrice(4499, 'chf', locale)]) {
      expect(text).not.toMatch(/[^\S ]/);
    }
  });
});

it.each([
  ['en-US', '1 hour and 2 minutes', '44 dollars and 99 cents', '44 euros and 99 cents'],
  ['en-GB', '1 hour and 2 minutes', '44 dollars and 99 cents', '44 euros and 99 cents'],
  ['de-DE', '1 Stunde und 2 Minuten', '44 Dollar und 99 Cent', '44 Euro und 99 Cent'],
  ['es-ES', '1 hora y 2 minutos', '44 dólares y 99 centavos', '44 euros y 99 céntimos'],
  ['fr-FR', '1 heure et 2 minutes', '44 dollars et 99 cents', '44 euros et 99 centimes'],
] as const)('in %s: %s, %s, %s', (locale, duration, dollars, euros) => {
  expect(spokenDuration(3725, locale)).toBe(duration);
  expect(spokenPrice(4499, 'usd', locale)).toBe(dollars);
  expect(spokenPrice(4499, 'EUR', locale)).toBe(euros);
});

it.each([
  [0, '0 seconds'],
  [1, '1 second'],
  [60, '1 minute'],
  [61.9, '1 minute and 1 second'],
  [3600, '1 hour'],
  [3601, '1 hour'],
  [19_800, '5 hours and 30 minutes'],
  [-5, '0 seconds'],
])('%d seconds are "%s"', (seconds, words) => {
  expect(spokenDuration(seconds, 'en-US')).toBe(words);
});

it.each([
  [0, 'usd', '0 cents'],
  [1, 'usd', '1 cent'],
  [100, 'usd', '1 dollar'],
  [101, 'usd', '1 dollar and 1 cent'],
  [29_999, 'usd', '299 dollars and 99 cents'],
  [101, 'gbp', '1 pound and 1 penny'],
  [4500, 'jpy', '4500 yen'],
  [0, 'jpy', '0 yen'],
  [4499, 'chf', '44.99 Swiss francs'],
  [4400, 'chf', '44 Swiss francs'],
  [999, 'usdc', '9.99 USDC'],
  // Stripe counts forints in hundredths, though nobody pays with those.
  [250_000, 'huf', '2500 Hungarian forints'],
])('%d of %s are "%s"', (amount, currency, words) => {
  expect(spokenPrice(amount, currency, 'en-US')).toBe(words);
});

import { decimalsOf } from '../units.ts';
import { type Language, type Locale, languageOf, spokenList } from './locales.ts';

/** One and several of a currency's units; and of the hundredths, where it has any. */
type Names = readonly [one: string, more: string, hundredth?: string, hundredths?: string];

/**
 * What people call money. Intl knows no name for a hundredth, and says "US dollars" to somebody who never pays in
 * any other.
 */
const NAMES: Record<Language, Readonly<Record<string, Names>>> = {
  en: {
    usd: ['dollar', 'dollars', 'cent', 'cents'],
    eur: ['euro', 'euros', 'cent', 'cents'],
    gbp: ['pound', 'pounds', 'penny', 'pence'],
    jpy: ['yen', 'yen'],
  },
  de: {
    usd: ['Dollar', 'Dollar', 'Cent', 'Cent'],
    eur: ['Euro', 'Euro', 'Cent', 'Cent'],
    gbp: ['Pfund', 'Pfund', 'Penny', 'Pence'],
    jpy: ['Yen', 'Yen'],
  },
  es: {
    usd: ['dólar', 'dólares', 'centavo', 'centavos'],
    eur: ['euro', 'euros', 'céntimo', 'céntimos'],
    gbp: ['libra', 'libras', 'penique', 'peniques'],
    jpy: ['yen', 'yenes'],
  },
  fr: {
    usd: ['dollar', 'dollars', 'cent', 'cents'],
    eur: ['euro', 'euros', 'centime', 'centimes'],
    gbp: ['livre', 'livres', 'penny', 'pence'],
    jpy: ['yen', 'yens'],
  },
};

/**
 * A price as people say it. A currency that has no everyday names here is said in full, with decimals.
 * @param amount in the currency's smallest unit, as Stripe counts: cents for USD, whole yen for JPY
 * @param currency ISO 4217, in any case
 * @example spokenPrice(4499, 'usd', 'en-US') === '44 dollars and 99 cents'
 * @example spokenPrice(4499, 'eur', 'de-DE') === '44 Euro und 99 Cent'
 * @example spokenPrice(4499, 'chf', 'en-US') === '44.99 Swiss francs'
 */
export function spokenPrice(amount: number, currency: string, locale: Locale): string {
  const decimals = decimalsOf(currency);
  const perUnit = 10 ** decimals;
  const [units, hundredths] = [Math.floor(amount / perUnit), amount % perUnit];
  const names = NAMES[languageOf(locale)][currency.toLowerCase()];
  if (!names) return inFull(amount / perUnit, currency, hundredths === 0 ? 0 : decimals, locale);
  const [one, more, hundredth = '', more100 = ''] = names;
  const plural = new Intl.PluralRules(locale);
  const counted = (count: number, single: string, several: string) =>
    `${count} ${plural.select(count) === 'one' ? single : several}`;
  const parts: string[] = [];
  if (units > 0 || decimals === 0) parts.push(counted(units, one, more));
  if (hundredths > 0 || parts.length === 0) parts.push(counted(hundredths, hundredth, more100));
  return spokenList(parts, locale);
}

function inFull(amount: number, currency: string, decimals: number, locale: Locale): string {
  const code = currency.toUpperCase();
  const number = { useGrouping: false, minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  // Intl has no name for what is no currency of ISO 4217, as the coins of a chain, and raises.
  if (code.length !== 3) return `${new Intl.NumberFormat(locale, number).format(amount)} ${code}`;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code,
    currencyDisplay: 'name',
    ...number,
  })
    .format(amount)
    .replace(/\s/g, ' ');
}

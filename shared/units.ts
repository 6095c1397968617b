/** Whole seconds as people say them when nothing counts: `5 h 30 min`, `1 h`, `1 min 5 s`. */
export function shortDuration(totalSeconds: number): string {
  const seconds = Math.max(0, Math.floor(totalSeconds));
  const parts: [amount: number, unit: string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ];
  const words = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`);
  return words.join(' ') || '0 s';
}

const NO_DECIMALS = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const THREE_DECIMALS = 'BHD JOD KWD OMR TND'.split(' ');

/**
 * Decimals of a currency's smallest unit, as Stripe counts (https://docs.stripe.com/currencies): cents for USD, but
 * whole yen for JPY. Intl goes by what is in use, and would take the hundredths of a forint for forints.
 */
export function decimalsOf(currency: string): number {
  const code = currency.toUpperCase();
  if (NO_DECIMALS.includes(code)) return 0;
  return THREE_DECIMALS.includes(code) ? 3 : 2;
}

/** Millionths of a currency's unit in its smallest one. */
export const microsOfSmallestUnit = (currency: string): number => 10 ** (6 - decimalsOf(currency));

/**
 * A sum in the notation of a language, the reader's own unless named. Intl knows currencies of three letters (ISO 4217)
 * only, and raises for the coins of a chain: these are written behind the number, as `9.99 USDC`.
 * @param decimals how many at least, and at most
 */
export function sumOfMoney(
  sum: number,
  currency: string,
  [least, most]: readonly [number, number],
  locale?: string,
): string {
  const decimals = { minimumFractionDigits: least, maximumFractionDigits: most };
  const code = currency.toUpperCase();
  if (code.length !== 3) return `${new Intl.NumberFormat(locale, decimals).format(sum)} ${code}`;
  return new Intl.NumberFormat(locale, { style: 'currency', currency: code, ...decimals }).format(sum);
}

/**
 * A price in the notation of a language, the reader's own unless named.
 * `amount` is in the currency's smallest unit: see `decimalsOf`.
 */
export function money(amount: number, currency: string, locale?: string): string {
  const decimals = decimalsOf(currency);
  return sumOfMoney(amount / 10 ** decimals, currency, [decimals, decimals], locale);
}

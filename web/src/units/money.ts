/**
 * A price in the reader's own notation.
 * `amount` is in the currency's smallest unit, as Stripe counts (https://docs.stripe.com/currencies):
 * cents for USD, but whole yen for JPY, so the number of decimals comes from the currency.
 */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: currency.toUpperCase() });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** decimals);
}

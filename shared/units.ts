const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;

/**
 * A duration as people say it. Above an hour seconds are left out, as nobody speaks them.
 * @example spokenDuration(3725) === '1 hour and 2 minutes'
 */
export function spokenDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const parts: string[] = [];
  if (hours > 0) parts.push(plural(hours, 'hour'));
  if (minutes > 0) parts.push(plural(minutes, 'minute'));
  if (hours === 0 && (rest > 0 || parts.length === 0)) parts.push(plural(rest, 'second'));
  return parts.join(' and ');
}

/**
 * A price as people say it. Only dollars have words of their own; others are said by their code.
 * @example spokenPrice(4499, 'usd') === '44 dollars and 99 cents'
 */
export function spokenPrice(cents: number, currency: string): string {
  if (currency !== 'usd') return `${(cents / 100).toFixed(2)} ${currency.toUpperCase()}`;
  const dollars = Math.floor(cents / 100);
  const rest = cents % 100;
  if (dollars === 0) return plural(rest, 'cent');
  return rest === 0 ? plural(dollars, 'dollar') : `${plural(dollars, 'dollar')} and ${plural(rest, 'cent')}`;
}

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

/**
 * A price in the notation of a language, the reader's own unless named.
 * `amount` is in the currency's smallest unit, as Stripe counts (https://docs.stripe.com/currencies):
 * cents for USD, but whole yen for JPY, so the number of decimals comes from the currency.
 */
export function money(amount: number, currency: string, locale?: string): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: currency.toUpperCase() });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** decimals);
}

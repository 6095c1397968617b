import type { Package } from '../../shared/api/pricing.ts';
import { money as moneyIn, shortDuration as shortInEnglish, sumOfMoney } from '../../shared/units.ts';
import { currentLocale } from './words/language.ts';

/** A day in the notation of the page's language, from RFC 3339. One without a time is that day, wherever the reader is. */
export function dayWords(timestamp: string): string {
  const zone = timestamp.length === 10 ? { timeZone: 'UTC' } : {};
  return new Date(timestamp).toLocaleDateString(currentLocale(), { dateStyle: 'medium', ...zone });
}

/** A moment in the notation of the page's language and the reader's time zone, from RFC 3339. */
export function momentWords(timestamp: string): string {
  return new Date(timestamp).toLocaleString(currentLocale(), { dateStyle: 'medium', timeStyle: 'short' });
}

/** A price in the notation of the page's language. `amount` is in the currency's smallest unit. */
export const money = (amount: number, currency: string): string => moneyIn(amount, currency, currentLocale());

/** A number in the notation of the page's language. */
const numberWords = (value: number, options?: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(currentLocale(), options).format(value);

type Unit = 'hour' | 'minute' | 'second';
const ENGLISH: Record<Unit, string> = { hour: 'h', minute: 'min', second: 's' };
const isEnglish = () => /^en\b/.test(currentLocale());

/** In English as receipts and mails have it (`5 min`), as Intl would write `5 min` here and `5 mins` there. */
function amountOf(amount: number, unit: Unit, options: Intl.NumberFormatOptions = {}): string {
  return isEnglish()
    ? `${numberWords(amount, options)} ${ENGLISH[unit]}`
    : numberWords(amount, { ...options, style: 'unit', unit, unitDisplay: 'short' });
}

/** Whole seconds as people say them when nothing counts: `5 h 30 min`, `1 h`, `1 min 5 s`. */
export function shortDuration(totalSeconds: number): string {
  if (isEnglish()) return shortInEnglish(totalSeconds);
  const { hours, minutes, seconds } = partsOf(totalSeconds);
  const parts: [amount: number, unit: Unit][] = [
    [hours, 'hour'],
    [minutes, 'minute'],
    [seconds, 'second'],
  ];
  const words = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => amountOf(amount, unit));
  return words.join(' ') || amountOf(0, 'second');
}

/** Whole seconds in words that keep their width while they count: `1 h 05 min 09 s`, `42 s`. */
export function runningDuration(totalSeconds: number): string {
  const { hours, minutes, seconds } = partsOf(totalSeconds);
  const full = { minimumIntegerDigits: 2 };
  const rest = amountOf(seconds, 'second', hours + minutes > 0 ? full : {});
  if (hours > 0) return `${amountOf(hours, 'hour')} ${amountOf(minutes, 'minute', full)} ${rest}`;
  return minutes > 0 ? `${amountOf(minutes, 'minute')} ${rest}` : rest;
}

/** A call timer: `0:42`, `12:03`, `1:00:09`. */
export function clock(totalSeconds: number): string {
  const { hours, minutes, seconds } = partsOf(totalSeconds);
  const tail = twoDigits(seconds);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${tail}` : `${minutes}:${tail}`;
}

function partsOf(totalSeconds: number) {
  const whole = Math.max(0, Math.floor(totalSeconds));
  return {
    hours: Math.floor(whole / 3600),
    minutes: Math.floor((whole % 3600) / 60),
    seconds: whole % 60,
  };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Seconds to a fixed number of decimals: `0.9 s`. */
export const exactSeconds = (ms: number, decimals: number): string =>
  amountOf(ms / 1000, 'second', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** Milliseconds until an answer as people read them: `0.9 s`. */
export const responseTime = (ms: number): string => exactSeconds(ms, 1);

/** What a minute of a package costs, to the tenth of a cent where that is not whole: `$0.163`. */
export function pricePerMinute({ price_per_minute_micros: micros, currency }: Package): string {
  return sumOfMoney(micros / 1_000_000, currency, [2, 3], currentLocale());
}

import type { Package } from '../../shared/api/pricing.ts';

/** A day in the reader's own notation, from RFC 3339. */
export function dayWords(timestamp: string): string {
  return new Date(timestamp).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

/** A moment in the reader's own notation and time zone, from RFC 3339. */
export function momentWords(timestamp: string): string {
  return new Date(timestamp).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Whole seconds in words that keep their width while they count: `1 h 05 min 09 s`, `42 s`. */
export function runningDuration(totalSeconds: number): string {
  const seconds = Math.max(0, Math.floor(totalSeconds));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  if (hours > 0) return `${hours} h ${twoDigits(minutes)} min ${twoDigits(rest)} s`;
  if (minutes > 0) return `${minutes} min ${twoDigits(rest)} s`;
  return `${rest} s`;
}

/** What is left in a call, as it is spoken: by the minute. */
export function minutesLeft(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return 'Less than a minute left';
  return `About ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} left`;
}

/** A call timer: `0:42`, `12:03`, `1:00:09`. */
export function clock(totalSeconds: number): string {
  const seconds = Math.max(0, Math.floor(totalSeconds));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const tail = twoDigits(seconds % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${tail}` : `${minutes}:${tail}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Milliseconds until an answer as people read them: `0.9 s`. */
export const responseTime = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** What a minute of a package costs, to the tenth of a cent where that is not whole: `$0.163`. */
export function pricePerMinute({ price_per_minute_micros: micros, currency }: Package): string {
  const format = new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: 2,
    maximumFractionDigits: 3,
  });
  return format.format(micros / 1_000_000);
}

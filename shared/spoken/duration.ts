import { type Locale, spokenList } from './locales.ts';

type Unit = 'hour' | 'minute' | 'second';

const spokenUnit = (count: number, unit: Unit, locale: Locale) =>
  new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long', useGrouping: false })
    .format(count)
    // Captions may break a line wherever a voice may breathe.
    .replace(/\s/g, ' ');

/**
 * A duration as people say it. Above an hour seconds are left out, as nobody speaks them.
 * @example spokenDuration(3725, 'en-US') === '1 hour and 2 minutes'
 * @example spokenDuration(3725, 'de-DE') === '1 Stunde und 2 Minuten'
 */
export function spokenDuration(seconds: number, locale: Locale): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const parts: string[] = [];
  if (hours > 0) parts.push(spokenUnit(hours, 'hour', locale));
  if (minutes > 0) parts.push(spokenUnit(minutes, 'minute', locale));
  if (hours === 0 && (rest > 0 || parts.length === 0)) parts.push(spokenUnit(rest, 'second', locale));
  return spokenList(parts, locale);
}

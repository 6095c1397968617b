import { decimalsOf, money } from '../../../shared/units.ts';

const COUNT = new Intl.NumberFormat();
const DECIMAL = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export const count = (value: number): string => COUNT.format(value);
export const share = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${DECIMAL.format((100 * part) / whole)} %`;
/** Seconds as hours, or minutes where that is less than an hour. */
export function hours(seconds: number): string {
  return Math.abs(seconds) < 3600
    ? `${DECIMAL.format(seconds / 60)} min`
    : `${DECIMAL.format(seconds / 3600)} h`;
}
export const milliseconds = (ms: number): string => `${count(ms)} ms`;
export const cents = (amount: number, currency: string): string => money(amount, currency);
/** Millionths of a currency's unit. */
export const micros = (amount: number, currency: string): string =>
  money(Math.round(amount / 10 ** (6 - decimalsOf(currency))), currency);

/** How long something lasted or waits, roughly. */
export function roughly(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129_600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** The beginning of a step in the reader's own notation and zone. */
export function stepWords(at: string, step: string): string {
  const date = new Date(at);
  if (step === 'hour')
    return date.toLocaleString(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  if (step === 'month') return date.toLocaleDateString(undefined, { month: 'short', year: 'numeric' });
  return date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

export const moment = (at: string | null): string =>
  at === null ? '–' : new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export const dayOf = (at: string): string =>
  new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });

export const sum = <Row>(rows: readonly Row[], of: (row: Row) => number): number =>
  rows.reduce((all, row) => all + of(row), 0);

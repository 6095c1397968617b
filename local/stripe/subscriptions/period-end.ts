const monthsOf = (interval: string, count: number) => (interval === 'year' ? 12 * count : count);

/** So many months on: a month after the 31st is the last day of the next one, and two months after it the 31st again. */
function addMonths(start: number, months: number, anchor: number): number {
  const date = new Date(start * 1000);
  const day = new Date(anchor * 1000).getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return Math.floor(date.getTime() / 1000);
}

/**
 * The end of a period that begins then.
 * @param anchor a moment on the day of the month that the periods keep to
 */
export function periodEnd(start: number, interval: string, count: number, anchor = start): number {
  if (interval === 'day' || interval === 'week')
    return start + count * (interval === 'day' ? 86_400 : 7 * 86_400);
  return addMonths(start, monthsOf(interval, count), anchor);
}

/** When a period began that ends then, if it was a whole one. */
export function periodStart(end: number, interval: string, count: number, anchor: number): number {
  if (interval === 'day' || interval === 'week')
    return end - count * (interval === 'day' ? 86_400 : 7 * 86_400);
  return addMonths(end, -monthsOf(interval, count), anchor);
}

interface AnchorConfig {
  readonly day_of_month: number;
  readonly hour?: number | undefined;
  readonly minute?: number | undefined;
  readonly second?: number | undefined;
}

/** The first moment after now on that day of a month; what is not said of the time is as now. */
export function anchorAfter(now: number, config: AnchorConfig): number {
  const at = new Date(now * 1000);
  const inMonth = (offset: number) => {
    const [year, month] = [at.getUTCFullYear(), at.getUTCMonth() + offset];
    const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const { hour = at.getUTCHours(), minute = at.getUTCMinutes(), second = at.getUTCSeconds() } = config;
    return Date.UTC(year, month, Math.min(config.day_of_month, last), hour, minute, second) / 1000;
  };
  return inMonth(0) > now ? inMonth(0) : inMonth(1);
}

/**
 * A moment on the day of the month that the periods of a subscription keep to: that of its anchor, or what was asked for where
 * the month of the anchor has no such day.
 */
export function dayOf(subscription: {
  readonly billing_cycle_anchor: number;
  readonly billing_cycle_anchor_config: { readonly day_of_month: number } | null;
}): number {
  const { billing_cycle_anchor: anchor, billing_cycle_anchor_config: config } = subscription;
  const at = new Date(anchor * 1000);
  if (config === null || config.day_of_month <= at.getUTCDate()) return anchor;
  // A January has all days that there are.
  return Date.UTC(at.getUTCFullYear(), 0, config.day_of_month) / 1000;
}

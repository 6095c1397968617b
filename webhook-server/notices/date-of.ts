/** A day as people write it, of no time zone but UTC: nobody knows where the reader is. */
export function dateOf(timestamp: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  return format.format(new Date(timestamp));
}

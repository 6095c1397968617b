/** A day in the reader's own notation, from RFC 3339. */
export function dayWords(timestamp: string): string {
  return new Date(timestamp).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

/** A moment in the reader's own notation and time zone, from RFC 3339. */
export function momentWords(timestamp: string): string {
  return new Date(timestamp).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

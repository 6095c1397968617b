/** A day in the reader's own notation, from RFC 3339. */
export function dayWords(timestamp: string): string {
  return new Date(timestamp).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

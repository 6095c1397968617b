/**
 * How long an answer asks to be left alone, in milliseconds; undefined when it does not say. `retry-after-ms` is
 * OpenAI's own; `retry-after` is seconds or a date (RFC 9110, section 10.2.3).
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const ms = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const atMs = Date.parse(text);
  return Number.isFinite(atMs) ? Math.max(0, atMs - Date.now()) : undefined;
}

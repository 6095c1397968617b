/**
 * An error for the log. Only its name, words and stack: the objects of Stripe's errors carry client
 * secrets, and fetch's carry headers.
 */
export function describeCause(cause: unknown): { name: string; message: string; stack?: string } | undefined {
  if (cause === undefined) return undefined;
  if (!(cause instanceof Error)) return { name: typeof cause, message: String(cause) };
  const { name, message, stack } = cause;
  return stack === undefined ? { name, message } : { name, message, stack };
}

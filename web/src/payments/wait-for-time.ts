const POLL_MS = 1_500;
const PATIENCE_MS = 60_000;

/**
 * Waits until an id appears that was not known before paying. Resolves to it, or to null when it takes
 * longer than a minute: the payment is safe then, only the news of it is late. Throws the signal's reason.
 */
export async function waitForNewId(
  load: (signal: AbortSignal) => Promise<string[]>,
  knownIds: string[],
  signal: AbortSignal,
): Promise<string | null> {
  const known = new Set(knownIds);
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    try {
      const fresh = (await load(signal)).find((id) => !known.has(id));
      if (fresh !== undefined) return fresh;
    } catch (error) {
      signal.throwIfAborted();
      // The money is paid: a failed look is worth another look, not an error message.
      console.warn('could not look for the new time yet', error);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
  return null;
}

import { waitForNewId } from './wait-for-time.ts';

type LoadIds = (signal: AbortSignal) => Promise<string[]>;

/** Like `waitForNewId`, for as long as it takes: whoever pays in another tab may be looking for their card. */
export async function waitPatiently(
  load: LoadIds,
  knownIds: string[],
  signal: AbortSignal,
): Promise<string | null> {
  let newId: string | null = null;
  while (newId === null && !signal.aborted) {
    newId = await waitForNewId(load, knownIds, signal).catch(() => null);
  }
  return newId;
}

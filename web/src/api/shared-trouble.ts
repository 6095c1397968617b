import type { Polled } from './use-polled.ts';

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * What is said once for a whole room and not by every panel: what several were told. That there was no answer at all is
 * no error of a panel (`use-polled.ts`).
 * @returns each thing once
 */
export function sharedTrouble(errors: readonly unknown[]): unknown[] {
  const failed = errors.filter((error) => error != null);
  const first = failed.filter(
    (error, i) => failed.findIndex((other) => wordsOf(other) === wordsOf(error)) === i,
  );
  return first.filter((error) => {
    return failed.filter((other) => wordsOf(other) === wordsOf(error)).length > 1;
  });
}

/** The same without an error that is said elsewhere. */
export function without<T>(shared: readonly unknown[], polled: Polled<T>): Polled<T> {
  const isSaid = polled.error != null && shared.some((error) => wordsOf(error) === wordsOf(polled.error));
  return isSaid ? { ...polled, error: null } : polled;
}

import type { Clock } from './clock.ts';

/** What a promise comes to, or undefined when it takes longer than that. Rejects when the promise does. */
export async function within<Result>(
  promise: Promise<Result>,
  deadlineMs: number,
  clock: Clock,
): Promise<Result | undefined> {
  const { promise: deadline, resolve } = Promise.withResolvers<undefined>();
  const cancel = clock.after(deadlineMs, () => resolve(undefined));
  return Promise.race([promise, deadline]).finally(cancel);
}

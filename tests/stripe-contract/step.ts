import type Stripe from 'stripe';

/** What earlier steps made, by a name of the sequence's own. */
export type Made = Map<string, string>;

export interface Step {
  readonly name: string;
  /** The error code that is expected, when the step is one that is refused. */
  readonly refused?: string;
  run(stripe: Stripe, made: Made): Promise<object>;
}

/** An id that an earlier step has made. @throws when it has not. */
export function idOf(made: Made, name: string): string {
  const id = made.get(name);
  if (id === undefined) throw new Error(`no step made ${name}`);
  return id;
}

/** Remembers the id of what a step made. */
export async function making<Result extends { id: string }>(
  made: Made,
  name: string,
  result: Promise<Result>,
): Promise<Result> {
  const object = await result;
  made.set(name, object.id);
  return object;
}

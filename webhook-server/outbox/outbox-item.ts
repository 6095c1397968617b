import type { Dependencies } from '../base/dependencies.ts';

/** One effect that is owed, as its handler sees it. */
export type OutboxItem = {
  id: string;
  /** Unique for ever: what an effect is to be recognised by when it is repeated. */
  key: string;
  payload: unknown;
  /** 1 for the first. */
  attempt: number;
  ageSeconds: number;
};

/**
 * Does what is owed, and says in a word what became of it. It is called again when it throws, and also when it
 * succeeded and the process died before that was noted: it has to be harmless to repeat.
 * @throws PermanentError where no repeat can help; anything else is tried again
 */
export type OutboxHandler = (deps: Dependencies, item: OutboxItem) => Promise<string>;

export interface GatherOptions<Item> {
  /** How long the first of a request waits for others, in milliseconds. A full request goes at once. */
  forMs: number;
  /** Items in one request. */
  most: number;
  /** Requests under way at once; 1 unless given. */
  atOnce?: number;
  /** An item that waited longer than this for its turn is rejected with `error()` and not sent. */
  patience?: { ms: number; error: () => Error };
  /** Items with the same key that wait at the same time are sent as one, and all who asked get its answer. */
  repeats?: { keyOf: (item: Item) => string; merge: (known: Item, next: Item) => Item };
  /** No request carries two items for which this is the same: the later one waits for the next request. */
  oneOf?: (item: Item) => string;
}

type Entry<Item, Answer> = { item: Item; sinceMs: number; asked: PromiseWithResolvers<Answer>[] };

/**
 * Sends what is asked for within a few milliseconds, or while no further request may go, as one request (group
 * commit): for things that are cheap to do and dear to ask for.
 * @param send answers for each item, in their order, an Error for an item that failed alone; what it throws, all of
 * its items fail with
 */
export function gather<Item, Answer>(
  send: (items: Item[]) => Promise<(Answer | Error)[]>,
  { forMs, most, atOnce = 1, patience, repeats, oneOf }: GatherOptions<Item>,
): (item: Item) => Promise<Answer> {
  const waiting = new Map<unknown, Entry<Item, Answer>>();
  let underWay = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function reject(entry: Entry<Item, Answer>, error: unknown): void {
    for (const asked of entry.asked) asked.reject(error);
  }

  /** The oldest of those that wait, without those that may not go together. */
  function takeBatch(): Entry<Item, Answer>[] {
    const batch: Entry<Item, Answer>[] = [];
    const taken = new Set<string>();
    for (const [key, entry] of waiting) {
      if (batch.length === most) break;
      const only = oneOf?.(entry.item);
      if (only !== undefined && taken.has(only)) continue;
      waiting.delete(key);
      if (patience !== undefined && performance.now() - entry.sinceMs > patience.ms) {
        reject(entry, patience.error());
        continue;
      }
      batch.push(entry);
      if (only !== undefined) taken.add(only);
    }
    return batch;
  }

  async function sendBatch(batch: Entry<Item, Answer>[]): Promise<void> {
    underWay += 1;
    try {
      const answers = await send(batch.map(({ item }) => item));
      if (answers.length !== batch.length) {
        throw new Error(`${answers.length} answers to ${batch.length} questions`);
      }
      for (const [index, entry] of batch.entries()) {
        const answer = answers[index];
        if (answer instanceof Error) reject(entry, answer);
        else for (const asked of entry.asked) asked.resolve(answer as Answer);
      }
    } catch (error) {
      for (const entry of batch) reject(entry, error);
    } finally {
      underWay -= 1;
      // Those that came meanwhile and found no place have waited long enough; others have their own timer.
      if (timer === undefined) sendAll();
    }
  }

  function sendAll(): void {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.size > 0 && underWay < atOnce) {
      const batch = takeBatch();
      if (batch.length > 0) void sendBatch(batch);
    }
  }

  return (item) => {
    const asked = Promise.withResolvers<Answer>();
    const key = repeats?.keyOf(item) ?? Symbol();
    const known = waiting.get(key);
    if (known !== undefined && repeats !== undefined) {
      known.item = repeats.merge(known.item, item);
      known.asked.push(asked);
    } else {
      waiting.set(key, { item, sinceMs: performance.now(), asked: [asked] });
    }
    if (waiting.size >= most) sendAll();
    else if (underWay < atOnce) timer ??= setTimeout(sendAll, forMs);
    return asked.promise;
  };
}

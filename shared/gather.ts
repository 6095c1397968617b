type Waiting<Item, Answer> = {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/**
 * Sends what is asked for within a few milliseconds, or while an earlier request is under way, as one request (group
 * commit): for things that are cheap to do and dear to ask for.
 * @param send answers for each item, in their order; what it fails with, all of them fail with
 * @param options.forMs how long the first of a batch waits for others
 * @param options.most items in one request
 */
export function gather<Item, Answer>(
  send: (items: Item[]) => Promise<Answer[]>,
  options: { forMs: number; most: number },
): (item: Item) => Promise<Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let isExpected = false;

  async function sendBatch(batch: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await send(batch.map(({ item }) => item));
      if (answers.length !== batch.length) {
        throw new Error(`${answers.length} answers to ${batch.length} questions`);
      }
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) await sendBatch(waiting.splice(0, options.most));
    isExpected = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isExpected) return;
      isExpected = true;
      setTimeout(() => void sendAll(), options.forMs);
    });
}

type Waiting<Item, Answer> = { item: Item; resolve: (answer: Answer) => void; reject: (error: unknown) => void };

/**
 * Sends what is asked for while an earlier request is under way as one request (group commit). Whoever comes alone
 * does not wait, and whoever comes in a crowd shares the way.
 * @param send answers for each item, in their order; what it fails with, all of them fail with
 * @param most items in one request
 */
export function gather<Item, Answer>(
  send: (items: Item[]) => Promise<Answer[]>,
  most: number,
): (item: Item) => Promise<Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let isUnderWay = false;

  async function sendBatch(batch: Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await send(batch.map(({ item }) => item));
      if (answers.length !== batch.length) {
        throw new Error(`${answers.length} answers to ${batch.length} questions`);
      }
      batch.forEach(({ resolve }, index) => resolve(answers[index] as Answer));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function sendAll(): Promise<void> {
    isUnderWay = true;
    while (waiting.length > 0) await sendBatch(waiting.splice(0, most));
    isUnderWay = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isUnderWay) void sendAll();
    });
}

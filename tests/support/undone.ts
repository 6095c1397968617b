import type postgres from 'postgres';
import type { TestDatabase } from './database.ts';

class Rollback extends Error {}

/** What is undone leaves dead rows behind, which every look at the books has to pass until they are swept away. */
const UNDONE_PER_VACUUM = 25;
const undoneIn = new WeakMap<TestDatabase, number>();

/** Does something in a transaction of its own, and undoes it. */
export async function undone(
  db: TestDatabase,
  work: (sql: postgres.TransactionSql) => Promise<void>,
): Promise<void> {
  try {
    await db.sql.begin(async (sql) => {
      await work(sql);
      throw new Rollback();
    });
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
  }
  const count = (undoneIn.get(db) ?? 0) + 1;
  undoneIn.set(db, count);
  if (count % UNDONE_PER_VACUUM === 0) await db.sql`vacuum`;
}

import type postgres from 'postgres';
import type { TestDatabase } from './database.ts';

class Rollback extends Error {}

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
}

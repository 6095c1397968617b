import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type RunLock = { release(): void };

/**
 * Takes the right to run services from this data folder. It is a lock of the operating system on an open file
 * (through SQLite, the one way Node has to such locks), so it ends with its process however that ends, and
 * there is never a stale one to break.
 * @returns undefined while another process holds it
 */
export function takeRunLock(home: string): RunLock | undefined {
  const database = new DatabaseSync(join(home, 'run', 'lock'), { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    const isTaken = error instanceof Error && 'errcode' in error && error.errcode === 5;
    if (isTaken) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

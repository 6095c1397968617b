import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type FileLock = { release(): void };

/**
 * Takes a lock of the operating system on a file (through SQLite, the one way Node has to such locks). It ends with
 * its process however that ends, so there is never a stale one to break.
 * @param file is made if it is not there
 * @returns undefined while somebody else holds it, in this process or another
 */
export function lockFile(file: string): FileLock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
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

/** Takes the right to run services from this data folder. */
export const takeRunLock = (home: string): FileLock | undefined => lockFile(join(home, 'run', 'lock'));

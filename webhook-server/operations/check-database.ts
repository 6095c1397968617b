import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { describeCause } from '../base/failures.ts';

const settingsSchema = z.object({ synchronous_commit: z.string(), fsync: z.string() });
export type DatabaseSettings = z.infer<typeof settingsSchema>;

/** Settings under which a commit is on disk before it is answered (PostgreSQL manual, 19.5 Write Ahead Log). */
const DURABLE = ['on', 'remote_apply', 'remote_write'];

/**
 * Why a database must not keep the ledger: with these settings an answered payment can be gone after a
 * power cut, while Stripe believes that we have it.
 * @returns a sentence for each problem
 */
export function durabilityProblems(settings: DatabaseSettings): string[] {
  const problems: string[] = [];
  if (!DURABLE.includes(settings.synchronous_commit)) {
    problems.push(`synchronous_commit is "${settings.synchronous_commit}": set it to "on"`);
  }
  if (settings.fsync !== 'on') problems.push(`fsync is "${settings.fsync}": set it to "on"`);
  return problems;
}

/** @throws Fault `database_unavailable` */
export function readDatabaseSettings(database: DatabaseClient): Promise<DatabaseSettings> {
  return callFunction(database, 'database_settings', {}, settingsSchema);
}

/**
 * Waits until the database answers. At start-up it may come later than we do, and ending the process would
 * only make somebody else start it again.
 * @param stop ends the waiting
 * @returns its settings, or null when stopped
 */
export async function waitForDatabase(
  deps: { database: DatabaseClient; logger: Logger; retryMs: number },
  stop: AbortSignal,
): Promise<DatabaseSettings | null> {
  while (!stop.aborted) {
    try {
      return await readDatabaseSettings(deps.database);
    } catch (error) {
      const cause = describeCause(error instanceof Fault ? error.cause : error)?.message;
      deps.logger.warn(
        { cause },
        'waiting for the database: it does not answer yet, or lacks the migrations',
      );
    }
    await sleep(deps.retryMs, undefined, { signal: stop }).catch(() => undefined);
  }
  return null;
}

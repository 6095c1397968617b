import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock.ts';

const PAUSES_MS = [500, 1_000, 2_000, 4_000];

/**
 * Settles, and again while the database does not answer. After the last try the reaper settles at the
 * last reported use: the caller pays less then, never more.
 * @returns seconds charged, or undefined when this worker did not settle
 */
export async function settlePatiently(
  settle: () => Promise<number | undefined>,
  clock: Clock,
  logger: Logger,
): Promise<number | undefined> {
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    try {
      return await settle();
    } catch (error) {
      if (pauseMs === undefined) {
        logger.error({ err: error }, 'settlement left to the reaper');
        return undefined;
      }
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    }
  }
  return undefined;
}

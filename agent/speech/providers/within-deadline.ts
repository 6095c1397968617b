import { APITimeoutError } from '@livekit/agents';
import type { Clock } from '../../../shared/clock.ts';
import { within } from '../../../shared/within.ts';

/**
 * Passes on what comes, as long as neither the first of it nor the next one takes longer than that.
 * @throws APITimeoutError
 */
export async function* withinDeadline<Chunk>(
  source: AsyncIterable<Chunk>,
  deadlineMs: number,
  clock: Clock,
): AsyncGenerator<Chunk> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const result = await within(iterator.next(), deadlineMs, clock);
    if (result === undefined) {
      throw new APITimeoutError({ message: `nothing came within ${deadlineMs} ms` });
    }
    if (result.done) return;
    yield result.value;
  }
}

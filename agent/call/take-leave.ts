import { within } from '../../shared/within.ts';
import type { CallOptions } from './call-options.ts';

/** How long taking leave may last, whatever is said and whether or not it is heard. */
const GOODBYE_MS = 15_000;

/** Says the last words and waits until they were heard, or for as long as that may last. Never throws. */
export async function takeLeave({ conversation, clock, logger }: CallOptions, speech: string): Promise<void> {
  const leaving = conversation
    .sayGoodbye(speech, GOODBYE_MS)
    .catch((error: unknown) => logger.warn({ err: error }, 'left without a word'));
  await within(leaving, GOODBYE_MS, clock);
}

import type { Logger } from 'pino';
import { z } from 'zod';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { within } from '../../shared/within.ts';
import type { CallerProfile } from './caller-profile.ts';

/** A caller hears the ringing that long at most because of what is remembered of them. */
const DEADLINE_MS = 1_500;

/** More than the instructions hold: what is told again after the call is compared with these. */
const MOST_FACTS = 30;

const answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('known'),
    locale: z.string().nullable(),
    voice: z.string().nullable(),
    memory_enabled: z.boolean(),
    is_call_closed: z.boolean(),
    facts: z.array(z.object({ id: z.uuid(), text: z.string() })),
  }),
  z.object({ status: z.literal('unknown_user') }),
]);

/**
 * Reads how to speak with a person, and what they told earlier. Never throws and never waits long: a call goes on
 * without, and then leaves nothing to remember either, because nobody knows whether that is wanted.
 * @param ended the call that is to be remembered
 * @returns undefined for somebody unknown, or when there was no answer in time; `isCallClosed` where nothing more may be remembered of
 *   that call
 */
export async function readCallerProfile(
  database: DatabaseClient,
  userId: string,
  logger: Logger,
  clock: Clock = systemClock,
  ended?: { callId: string; mostFacts: number },
): Promise<(CallerProfile & { isCallClosed: boolean }) | undefined> {
  const args = {
    p_user_id: userId,
    p_facts: ended?.mostFacts ?? MOST_FACTS,
    ...(ended && { p_call_id: ended.callId }),
  };
  const reading = callFunction(database, 'read_caller', args, answer);
  try {
    const caller = await within(reading, DEADLINE_MS, clock);
    if (caller?.status === 'known') {
      const { locale, voice, memory_enabled: memoryEnabled, is_call_closed: isCallClosed, facts } = caller;
      return { locale: locale ?? undefined, voice: voice ?? undefined, memoryEnabled, isCallClosed, facts };
    }
    logger.warn({ status: caller?.status ?? 'late' }, 'caller not known');
  } catch (error) {
    logger.warn({ err: error }, 'caller not read');
  }
  return undefined;
}

import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

const CALLS = 2_000;
/** Of one run; the rest waits for the next. */
const MOST_BATCHES = 20;

const answerSchema = z.object({ status: z.enum(['complete', 'more', 'busy']) });

/**
 * Adds calls that were settled to the days that operators see, a batch at a time.
 * @param most so many batches at most
 * @throws Fault `database_unavailable`
 */
export async function countCalls({ database }: Dependencies, most = MOST_BATCHES): Promise<void> {
  for (let batch = 0; batch < most; batch++) {
    const args = { p_limit: CALLS };
    const { status } = await callFunction(database, 'count_calls', args, answerSchema, { once: true });
    if (status !== 'more') return;
  }
}

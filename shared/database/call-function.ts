import type { z } from 'zod';
import { Fault } from '../errors.ts';
import type { DatabaseClient } from './client.ts';
import type { Database } from './types.ts';

type Functions = Database['public']['Functions'];
export type FunctionName = keyof Functions & string;

/** How many times a call is sent, and the pause before each repeat in milliseconds. */
const PAUSES_MS = [0, 100, 400];

/**
 * Calls a SQL function and checks its answer. Sends it again when no answer came: every money
 * function is harmless to repeat, because it is keyed or takes absolute counters.
 * @throws Fault `database_unavailable` when the database does not answer or refuses to work
 */
export async function callFunction<Name extends FunctionName, Answer>(
  client: DatabaseClient,
  name: Name,
  args: Functions[Name]['Args'],
  answer: z.ZodType<Answer>,
): Promise<Answer> {
  let problem = '';
  for (const pauseMs of PAUSES_MS) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const { data, error, status } = await client.rpc(name as never, args as never);
    if (!error) return answer.parse(data);
    problem = `${name}: ${status} ${error.code} ${error.message}`;
    if (status >= 400 && status < 500) break;
  }
  throw new Fault('database_unavailable', undefined, { cause: new Error(problem) });
}

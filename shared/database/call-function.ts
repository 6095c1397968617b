import type { z } from 'zod';
import type { DatabaseClient } from './client.ts';
import { databaseFault } from './database-fault.ts';
import type { Database } from './types.ts';

type Functions = Database['public']['Functions'];
export type FunctionName = keyof Functions & string;

/** How many times a call is sent, and the pause before each repeat in milliseconds. */
const PAUSES_MS = [0, 100, 400];

/**
 * Calls a SQL function and checks its answer. Sends it again when no answer came: every money
 * function is harmless to repeat, because it is keyed or takes absolute counters.
 * @param options.once for what takes long: the first one may still be at it, and a second would make both slower
 * @throws Fault as `databaseFault` says: `database_unavailable` when the database does not answer or refuses to work
 */
export async function callFunction<Name extends FunctionName, Answer>(
  client: DatabaseClient,
  name: Name,
  args: Functions[Name]['Args'],
  answer: z.ZodType<Answer>,
  options: { once?: boolean } = {},
): Promise<Answer> {
  for (let sent = 1; ; sent++) {
    const { data, error, status } = await client.rpc(name as never, args as never);
    if (!error) return answer.parse(data);
    const isFinal = (status >= 400 && status < 500) || options.once === true;
    const pauseMs = isFinal ? undefined : PAUSES_MS[sent];
    if (pauseMs === undefined) throw databaseFault(`${name}: ${status}`, error);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

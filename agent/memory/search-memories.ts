import { z } from 'zod';
import { systemClock } from '../../shared/clock.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault } from '../../shared/errors.ts';
import { within } from '../../shared/within.ts';
import type { KnownFact } from './call-memory.ts';
import type { Embedder } from './create-embedder.ts';

/** Whose memories, and how they are searched. */
type Search = { database: DatabaseClient; userId: string; embedder: Embedder | undefined };

/** A caller waits for it in the middle of a turn. */
const DEADLINE_MS = 2_000;
/** Without vectors by then, words are searched for. */
const EMBEDDING_MS = 800;

const answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('found'),
    facts: z.array(z.object({ id: z.uuid(), text: z.string() })),
  }),
  z.object({ status: z.literal('memory_off') }),
]);

async function search({ database, userId, embedder }: Search, query: string, limit: number) {
  const [embedding] = (await embedder?.embed([query], EMBEDDING_MS)) ?? [];
  const meaning = embedder && embedding ? { p_embedding: embedding, p_model: embedder.model } : {};
  const args = { p_user_id: userId, p_query: query, p_limit: limit, ...meaning };
  return callFunction(database, 'search_memories', args, answer);
}

/**
 * Searches what the person told in earlier calls, by meaning where embeddings are configured, else by words.
 * @returns best first; none where memory is off
 * @throws Fault `database_unavailable`, also when the answer takes too long
 */
export async function searchMemories(
  whose: Search,
  query: string,
  limit: number,
): Promise<readonly KnownFact[]> {
  const found = await within(search(whose, query, limit), DEADLINE_MS, systemClock);
  if (!found) throw new Fault('database_unavailable');
  return found.status === 'found' ? found.facts : [];
}

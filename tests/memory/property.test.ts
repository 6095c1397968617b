import fc from 'fast-check';
import { describe } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { expectFound, type Mistake } from '../support/mistakes.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { undone } from '../support/undone.ts';
import { KNOWN_HISTORIES } from './known-histories.ts';
import { type Step, steps } from './steps.ts';
import { checkWorld, play } from './world.ts';
import { createWorld } from './world-state.ts';

/** One history in a transaction of its own, undone at the end. */
async function playHistory(db: TestDatabase, history: Step[]): Promise<void> {
  await undone(db, async (sql) => {
    const world = await createWorld(sql);
    for (const step of history) {
      await play(world, step);
      await checkWorld(world);
    }
  });
}

const propertyOf = (db: TestDatabase) => fc.asyncProperty(steps, (history) => playHistory(db, history));
const RUNS = times(40, 100);

test('whatever is told, corrected and erased in whatever order, what is remembered is what should be', async ({
  db,
}) => {
  await fc.assert(propertyOf(db), { numRuns: RUNS });
});

/** Mistakes that somebody could make: each must be found by the property above. */
const MISTAKES: Mistake[] = [
  [
    'a call is remembered again',
    'public.remember_facts',
    "if not found then\n    return jsonb_build_object('status', 'already_remembered');\n  elsif",
    'if',
  ],
  [
    'what was erased comes back',
    'public.remember_facts',
    'v_call.opened_at <= v_settings.erased_at',
    'false',
  ],
  ['memory that is off remembers', 'public.remember_facts', 'v_settings.memory_enabled is not true', 'false'],
  [
    'anybody names the call',
    'public.remember_facts',
    'id = p_call_id and user_id = p_user_id',
    'id = p_call_id',
  ],
  ['a secret is stored', 'private.remember_fact', 'if private.holds_secret(v_text)', 'if false'],
  ['a correction is overwritten', 'private.remember_fact', 'v_old.corrected_at >= c.opened_at', 'false'],
  ['what was erased is replaced', 'private.remember_fact', 'not found or', 'false or'],
  ["somebody else's is replaced", 'private.remember_fact', 'user_id = c.user_id and id::text', 'id::text'],
  ["somebody else's is corrected", 'public.correct_memory', 'user_id = p_user_id and id =', 'id ='],
  [
    'one replaced by its double stays',
    'private.remember_fact',
    'delete from public.caller_memories',
    'update public.caller_memories set kind = kind',
  ],
  [
    "somebody else's is erased",
    'public.erase_memory',
    'user_id = p_user_id and id = p_memory_id',
    'id = p_memory_id',
  ],
  [
    'all of everybody is erased',
    'public.erase_all_memories',
    'from public.caller_memories where user_id = p_user_id',
    'from public.caller_memories',
  ],
  [
    'one told again grows old',
    'private.remember_fact',
    'set updated_at = clock_timestamp(), embedding',
    'set embedding',
  ],
  ['what was erased comes back from an open call', 'private.close_calls', "status = 'open'", 'false'],
  [
    'the call in which it was erased is lost',
    'private.close_calls',
    'id is distinct from p_but_call_id',
    'true',
  ],
  ["somebody else's calls are lost", 'private.close_calls', 'user_id = p_user_id and id is', 'id is'],
  ['memory that is off is read', 'public.read_caller', 'and s.memory_enabled', ''],
];

describe('the property finds a mistake', () => {
  test.for(MISTAKES)('%s', (mistake, { db }) =>
    expectFound(db, mistake, propertyOf(db), 600, KNOWN_HISTORIES),
  );
});

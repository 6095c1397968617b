import fc from 'fast-check';
import { expect } from 'vitest';
import type { TestDatabase } from './database.ts';

/** What somebody could write instead of something that is right, in a function of the database. */
export type Mistake = [mistake: string, routine: string, right: string, wrong: string];

/** The smallest histories that show a mistake, by its name. */
export type Known<History> = Readonly<Record<string, History>>;

/**
 * Expects that a property finds a mistake that is made, and unmade afterwards.
 * @param known tried first, because random histories meet some mistakes once in a hundred. Where one does not show its
 *   mistake any more, the random ones go on.
 */
export async function expectFound<History>(
  db: TestDatabase,
  [mistake, routine, right, wrong]: Mistake,
  property: fc.IAsyncProperty<[History]>,
  numRuns: number,
  known: Known<History> = {},
): Promise<void> {
  const [row] = await db.sql`select pg_get_functiondef(${routine}::regproc) as source`;
  const source = String(row?.source);
  expect(source).toContain(right);
  await db.sql.unsafe(source.replace(right, wrong));
  const first = known[mistake];
  const examples: [History][] = first === undefined ? [] : [[first]];
  try {
    const result = await fc.check(property, { numRuns, seed: 20261120, endOnFailure: true, examples });
    expect(result.failed).toBe(true);
  } finally {
    await db.sql.unsafe(source);
  }
}

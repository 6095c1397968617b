import fc from 'fast-check';
import { expect } from 'vitest';
import type { TestDatabase } from './database.ts';

/** What somebody could write instead of something that is right, in a function of the database. */
export type Mistake = [mistake: string, routine: string, right: string, wrong: string];

/**
 * Expects that a property finds a mistake that is made, and unmade afterwards.
 * @param known what shows it, tried first: random values may need hundreds of tries
 */
export async function expectFound<Values>(
  db: TestDatabase,
  [, routine, right, wrong]: Mistake,
  property: fc.IAsyncProperty<Values>,
  numRuns: number,
  known: Values[] = [],
): Promise<void> {
  const [row] = await db.sql`select pg_get_functiondef(${routine}::regproc) as source`;
  const source = String(row?.source);
  expect(source).toContain(right);
  await db.sql.unsafe(source.replace(right, wrong));
  try {
    const result = await fc.check(property, {
      numRuns,
      seed: 20261120,
      endOnFailure: true,
      examples: known,
    });
    expect(result.failed).toBe(true);
  } finally {
    await db.sql.unsafe(source);
  }
}

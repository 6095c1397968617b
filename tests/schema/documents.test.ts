import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const files = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).trim().split('\n');

/** Statements that a document tells to run: in blocks, and as spans of code. */
const statements = files.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  const blocks = [...text.matchAll(/^```sql\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split(/;\s*$/m),
  );
  const spans = [
    ...text.matchAll(/`((?:select|update|alter role|insert into|delete from) [^`\n]+ [^`\n]+)`/g),
  ].map(([, span = '']) => span.replace(/;$/, ''));
  return [...blocks, ...spans].filter((sql) => sql.trim() !== '').map((sql) => [file, sql.trim()] as const);
});

test('there are statements in the documents', () => {
  expect(statements.length).toBeGreaterThan(4);
});

test.each(statements)('%s: %s', async (_file, sql) => {
  // Where the reader puts something of their own, anything will do.
  const filled = sql.replaceAll(/'\.\.\.'|'?<[a-z_ ]+>'?/g, 'null');
  const undone = new Error('undone');
  const tried = db.sql.begin(async (transaction) => {
    await transaction.unsafe(filled);
    throw undone;
  });
  await expect(tried).rejects.toBe(undone);
});

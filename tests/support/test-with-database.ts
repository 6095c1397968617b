import { test } from 'vitest';
import { closing } from './closing.ts';
import { createTestDatabase } from './database.ts';

/** A test that is given `db`, a database of its file's own. */
export const testWithDatabase = test.extend(
  'db',
  { scope: 'file' },
  closing(() => createTestDatabase()),
);

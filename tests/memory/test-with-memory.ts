import { testWithDatabase } from '../support/test-with-database.ts';
import { addPerson } from '../time/people.ts';
import { memoryOf } from './memory.ts';

/** A test that is given `db`, and somebody new: `userId`, and `memory` of them. */
export const testWithMemory = testWithDatabase
  .extend('userId', ({ db }) => addPerson(db.sql))
  .extend('memory', ({ db, userId }) => memoryOf(db.sql, userId));

import { closing } from '../support/closing.ts';
import { testWithDatabase } from '../support/test-with-database.ts';
import { startLanguageModel } from './language-model-server.ts';

/** A test that is given `db` and `model`, a database and a language model of its file's own. */
export const testWithModel = testWithDatabase.extend(
  'model',
  { scope: 'file' },
  closing(() => startLanguageModel('key')),
);

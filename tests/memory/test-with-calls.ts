import { test } from 'vitest';
import { closing } from '../support/closing.ts';
import { startRememberedCalls } from './remembered-calls.ts';

/** A test that is given `calls`, whose model answers, and has not been asked for notes yet. */
export const testWithCalls = test
  .extend('servers', { scope: 'file' }, closing(startRememberedCalls))
  .extend('calls', ({ servers }) => {
    servers.model.notes('answers');
    servers.model.embeddings(true);
    servers.model.whenAskedForNotes(async () => {});
    servers.model.received.notes.length = 0;
    return servers;
  });

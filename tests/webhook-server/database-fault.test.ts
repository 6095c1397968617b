import { expect, test } from 'vitest';
import { databaseFault } from '../../shared/database/database-fault.ts';

test.each([
  ['22003', 'a number out of range', 'invalid_request'],
  ['22008', 'a date out of range', 'invalid_request'],
  ['22P02', 'no number, no id', 'invalid_request'],
  ['22P05', 'a character that no text holds', 'invalid_request'],
  ['54000', 'more than PostgreSQL takes', 'invalid_request'],
  ['57014', 'canceled for its length', 'database_unavailable'],
  ['53300', 'too many connections', 'database_unavailable'],
  ['40P01', 'a deadlock', 'database_unavailable'],
  ['08006', 'the connection failed', 'database_unavailable'],
  ['PGRST003', 'no connection came free', 'database_unavailable'],
  ['PGRST202', 'the schema is not read yet', 'database_unavailable'],
  ['', 'no answer', 'database_unavailable'],
  ['EPIPE', 'no state: an error of the socket', 'database_unavailable'],
  ['23505', 'a key that is there already', 'internal'],
  ['42501', 'a right that is missing', 'internal'],
  ['P0001', 'a function raised', 'internal'],
  ['PT401', 'this person was deleted', 'not_signed_in'],
  ['PT423', 'this account is frozen', 'account_frozen'],
  ['PT403', 'the ledger is append-only', 'internal'],
  ['PGRST102', 'we sent what is no JSON', 'internal'],
])('%s, %s, is %s', (code, message, expected) => {
  const fault = databaseFault('accounts', { code, message });
  expect(fault.code).toBe(expected);
  expect(fault.cause).toMatchObject({ sqlState: code, message: expect.stringContaining(message) });
});

test('what says nothing is no answer', () => {
  for (const error of [null, 'x', {}])
    expect(databaseFault('accounts', error).code).toBe('database_unavailable');
});

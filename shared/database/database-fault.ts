import { Fault, type FaultCode } from '../errors.ts';

function textOf(error: unknown, field: 'code' | 'message'): string {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return typeof value === 'string' ? value : '';
}

/** An answer of the database that is an error. The log names its SQL state. */
export class DatabaseError extends Error {
  /** SQLSTATE (PostgreSQL manual, appendix A), or PostgREST's own code; empty where no answer came. */
  readonly sqlState: string;

  constructor(what: string, error: unknown) {
    const sqlState = textOf(error, 'code');
    super([what, sqlState, textOf(error, 'message')].filter((part) => part !== '').join(' '));
    this.name = 'DatabaseError';
    this.sqlState = sqlState;
  }
}

/**
 * By class, the first two characters of an SQL state. Everything else that PostgreSQL refuses is a mistake of ours, which
 * trying again does not mend: a missing right, a broken key, a function that raised.
 */
const BY_CLASS: Record<string, FaultCode> = {
  // A number, a date or a text that no column holds.
  '22': 'invalid_request',
  '54': 'invalid_request',
  // Not to be reached, in a moment of trouble, or somebody else holds what was needed.
  '': 'database_unavailable',
  '08': 'database_unavailable',
  '25': 'database_unavailable',
  '40': 'database_unavailable',
  '53': 'database_unavailable',
  '55': 'database_unavailable',
  '57': 'database_unavailable',
  '58': 'database_unavailable',
};

/** Raised for who was deleted, while their token lives: supabase/README.md, "When a person is deleted". */
const DELETED_PERSON = 'PT401';

/** Raised where something would begin on an account that an operator froze. */
const FROZEN_PERSON = 'PT423';

const WORDS: Partial<Record<FaultCode, string>> = {
  invalid_request: 'A number, a date or a text is out of range.',
  not_signed_in: 'This account does not exist any more. Sign up again.',
};

/**
 * PostgREST's own codes (https://docs.postgrest.org/en/stable/references/errors.html): those of group 1 are about the
 * request, which is ours; the others pass, such as a schema that it has not read yet.
 */
function codeOf(sqlState: string): FaultCode {
  if (sqlState === DELETED_PERSON) return 'not_signed_in';
  if (sqlState === FROZEN_PERSON) return 'account_frozen';
  if (/^PGRST1/.test(sqlState)) return 'internal';
  // Each has a digit, unlike EPIPE.
  const isSqlState = /^(?=.*\d)[0-9A-Z]{5}$/.test(sqlState);
  return BY_CLASS[isSqlState ? sqlState.slice(0, 2) : ''] ?? 'internal';
}

/**
 * What a refusal of the database is to whoever asked: the one place that maps SQL states.
 * @param what was asked: the name of a function or table
 * @param error as the database's client answers it
 */
export function databaseFault(what: string, error: unknown): Fault {
  const cause = new DatabaseError(what, error);
  const code = codeOf(cause.sqlState);
  return new Fault(code, WORDS[code], { cause });
}

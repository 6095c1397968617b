import { IS_LONG_RUN } from '../support/long-run.ts';
import type { Attack } from './attack.ts';

export type Column = { table: string; column: string; type: string; required: boolean };
export type Credentials = { as: string; headers: Record<string, string> };

const PLAUSIBLE: Record<string, unknown> = {
  bool: true,
  int4: 1_000,
  int8: 1_000,
  uuid: '11111111-1111-4111-8111-111111111111',
  timestamptz: '2099-01-01T00:00:00Z',
  jsonb: { hacked: true },
  numeric: 0.5,
};
/** Values that would mean something where any word would not do. */
const TELLING: Record<string, unknown> = {
  role: 'operator',
  source: 'paid',
  status: 'active',
  reason: 'goodwill',
  purpose: 'me',
  package_id: 'starter',
  currency: 'usd',
  code_hash: 'f'.repeat(64),
  address_hash: 'f'.repeat(64),
  owner_kind: 'person',
  unit: 'second',
  kind: 'prepaid',
  email: 'somebody@example.com',
  token_hash: 'f'.repeat(64),
  key_hash: 'f'.repeat(64),
  prefix: 'mb_live_hack',
  last4: 'hack',
  scopes: ['billing:write'],
  line: 'api',
};
/** Written on top of what a row must have, so that the row would be worth something. */
const WORTH_WRITING = ['user_id', 'account_id', 'role', 'activated_at', 'expires_at'];

/** Columns that say whose a row is. */
const OWNERS = ['user_id', 'account_id', 'owner_id'];

/** Ids that an attacker could know, by the columns that take them: a row that refers to nothing is refused for that alone. */
export type KnownIds = Record<string, unknown>;

const valueFor = ({ table, column, type }: Column, known: KnownIds) =>
  (table.startsWith('tenant') && column === 'role' ? 'owner' : (known[column] ?? TELLING[column])) ??
  PLAUSIBLE[type] ??
  'hacked';

/** Reading, writing and removing in every table, by every column, with and without naming the victim. */
export function attacksOnTables(
  columns: Column[],
  who: Credentials,
  attackerId: string,
  victimId: string,
  known: KnownIds = {},
): Attack[] {
  const attacks: Attack[] = [];
  const add = (name: string, method: string, path: string, more: Partial<Attack> = {}) =>
    attacks.push({
      name: `${who.as}: ${name}`,
      method,
      path: `/rest/v1/${path}`,
      ...more,
      headers: { ...who.headers, ...more.headers },
    });

  for (const table of new Set(columns.map((column) => column.table))) {
    const own = columns.filter((column) => column.table === table);
    const owner = own.find(
      ({ column }) => OWNERS.includes(column) || (table === 'users' && column === 'id'),
    )?.column;
    const written = own.filter(({ column, required }) => required || WORTH_WRITING.includes(column));
    const row = Object.fromEntries(written.map((column) => [column.column, valueFor(column, known)]));
    const mine = owner === undefined ? row : { ...row, [owner]: attackerId };
    const read = { mayAnswer: true };
    add(`read all of ${table}`, 'GET', `${table}?select=*`, read);
    add(`count ${table}`, 'HEAD', `${table}?select=*`, { ...read, headers: { prefer: 'count=exact' } });
    add(`read ${table} as CSV`, 'GET', table, { ...read, headers: { accept: 'text/csv' } });
    if (owner !== undefined) {
      add(`read the victim's ${table}`, 'GET', `${table}?${owner}=eq.${victimId}`, read);
      add(`read others' ${table}`, 'GET', `${table}?or=(${owner}.neq.${attackerId},${owner}.is.null)`, read);
    }
    for (const [what, body] of [
      ['a row', mine],
      ['many rows', [mine, row]],
      ['an empty row', {}],
    ] as const) {
      if (!IS_LONG_RUN && what === 'many rows') continue;
      add(`insert ${what} into ${table}`, 'POST', table, { body });
      add(`insert ${what} into ${table}, answered`, 'POST', table, {
        body,
        headers: { prefer: 'return=representation' },
      });
    }
    for (const resolution of ['merge-duplicates', 'ignore-duplicates']) {
      add(`upsert ${table} with ${resolution}`, 'POST', table, {
        body: mine,
        headers: { prefer: `resolution=${resolution},return=representation` },
      });
    }
    add(`put a row into ${table}`, 'PUT', `${table}?${own[0]?.column}=eq.1`, { body: mine });
    add(`delete all of ${table}`, 'DELETE', `${table}?${own[0]?.column}=not.is.null`);
    add(`delete all of ${table} without a filter`, 'DELETE', table);
    if (owner !== undefined)
      add(`delete the victim's ${table}`, 'DELETE', `${table}?${owner}=eq.${victimId}`);
    for (const column of own) {
      const body = { [column.column]: valueFor(column, known) };
      const all = `${table}?${own[0]?.column}=not.is.null`;
      add(`change ${table}.${column.column} everywhere`, 'PATCH', all, { body });
      // Column by column it is one right for everybody's rows: of whom is tried with what is worth writing, and with all in the long run.
      if (owner === undefined || !(IS_LONG_RUN || written.some((one) => one.column === column.column)))
        continue;
      add(`change own ${table}.${column.column}`, 'PATCH', `${table}?${owner}=eq.${attackerId}`, { body });
      add(`change the victim's ${table}.${column.column}`, 'PATCH', `${table}?${owner}=eq.${victimId}`, {
        body,
      });
    }
  }
  return attacks;
}

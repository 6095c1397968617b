import type postgres from 'postgres';
import { patience } from '../support/patience.ts';

/** Each is refused for itself, so that some may be under way. */
const IN_FLIGHT = 4;

/** One request of somebody who wants what is not theirs. */
export type Attack = {
  name: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** True where an answer without anybody's data is no breach: reading, which RLS answers with no rows. */
  mayAnswer?: boolean;
};

export type Target = {
  url: string;
  /** Superuser's connection, to see what really changed. */
  sql: postgres.Sql;
  /** Strings that only the victim's rows hold. */
  secrets: string[];
};

/** Everything that the schemas public and private hold, as one hash. */
async function fingerprint(sql: postgres.Sql): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'private') order by 1`;
  const hashes = tables.map(
    ({ name }) => `select '${name}' as t, md5(string_agg(x::text, ',' order by x::text)) as h from ${name} x`,
  );
  const rows = await sql.unsafe(`select string_agg(t || coalesce(h, ''), ',' order by t) as all_of_it
    from (${hashes.join(' union all ')}) q`);
  return String(rows[0]?.all_of_it);
}

async function send(attack: Attack, url: string): Promise<{ ok: boolean; status: number; text: string }> {
  const body = typeof attack.body === 'string' ? attack.body : JSON.stringify(attack.body);
  const response = await fetch(url + attack.path, {
    method: attack.method,
    headers: { 'content-type': 'application/json', ...attack.headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(patience(10_000)),
    ...(attack.body === undefined ? {} : { body }),
  });
  const headers = JSON.stringify([...response.headers]);
  return { ok: response.ok, status: response.status, text: headers + (await response.text()) };
}

/** Tries one attack; answers what it was told, or nothing. */
async function leakOf(attack: Attack, target: Target): Promise<string | undefined> {
  const answer = await send(attack, target.url);
  const request = attack.path + JSON.stringify(attack.body ?? '');
  const leaked = target.secrets.find((secret) => answer.text.includes(secret) && !request.includes(secret));
  if (leaked !== undefined) return `${attack.name}: answered ${leaked}`;
  if (answer.ok && attack.mayAnswer !== true) return `${attack.name}: was answered with ${answer.status}`;
  return undefined;
}

/**
 * @param enough stop after so many breaches
 * @param atOnce attacks between two looks at the whole database, which take longer than an attack
 */
export async function breachesOf(
  attacks: readonly Attack[],
  target: Target,
  { enough = 20, atOnce = 100 } = {},
): Promise<string[]> {
  const found: string[] = [];
  let before = await fingerprint(target.sql);
  for (let at = 0; at < attacks.length && found.length < enough; at += atOnce) {
    const some = attacks.slice(at, at + atOnce);
    for (let first = 0; first < some.length; first += IN_FLIGHT) {
      const tried = some.slice(first, first + IN_FLIGHT).map((attack) => leakOf(attack, target));
      for (const leak of await Promise.all(tried)) if (leak !== undefined) found.push(leak);
    }
    const after = await fingerprint(target.sql);
    if (after !== before) found.push(`changed the database: ${some.map(({ name }) => name).join('; or ')}`);
    before = after;
  }
  return found;
}

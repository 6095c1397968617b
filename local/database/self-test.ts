import type postgres from 'postgres';

/**
 * What a signed-in person must not be able to do, whatever they send. Only the right is tried, not the row:
 * without it PostgreSQL refuses with 42501 before it looks at any row.
 */
const FORBIDDEN = [
  `update public.users set role = 'operator'`,
  'update public.accounts set balance = 1000000',
  'update public.grants set remaining = 1000000',
  'insert into public.holds default values',
  'update public.pricing_tiers set price_cents = 1',
  'delete from public.ledger',
  'insert into public.purchases default values',
  `select public.deduct_user_time(gen_random_uuid(), -1000)`,
  `select public.activate_time_card(gen_random_uuid(), 'hash')`,
];

const PERMISSION_DENIED = '42501';

class Undo extends Error {}

/** @returns what happened instead of a refusal, or undefined when it was refused */
async function attempt(sql: postgres.Sql, role: string, statement: string): Promise<string | undefined> {
  const claims = JSON.stringify({ role, sub: '00000000-0000-4000-8000-000000000000' });
  try {
    await sql.begin(async (transaction) => {
      await transaction`select set_config('request.jwt.claims', ${claims}, true)`;
      await transaction.unsafe(`set local role ${role}`);
      await transaction.unsafe(statement);
      throw new Undo();
    });
  } catch (error) {
    if (error instanceof Undo) return `${role} may: ${statement}`;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code !== PERMISSION_DENIED) return `${role} got ${code} and not ${PERMISSION_DENIED}: ${statement}`;
  }
  return undefined;
}

/** Every right to write or to call that an anonymous or signed-in person holds in schema public: there must be none. */
async function heldRights(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ held: string }[]>`
    with people as (select unnest(array['anon', 'authenticated']) as person)
    select format('%s may write to %s', person, c.oid::regclass) as held from pg_class c, people
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
        and (has_any_column_privilege(person, c.oid, 'insert') or has_any_column_privilege(person, c.oid, 'update')
          or has_table_privilege(person, c.oid, 'delete') or has_table_privilege(person, c.oid, 'truncate'))
    union all
    select format('%s may call %s', person, p.oid::regprocedure) from pg_proc p, people
      where p.pronamespace = 'public'::regnamespace and has_function_privilege(person, p.oid, 'execute')`;
  return rows.map(({ held }) => held);
}

/** A commit that does not wait for the disk could lose a payment after we have told Stripe that we have it. */
async function durability(sql: postgres.Sql): Promise<string[]> {
  const names = ['synchronous_commit', 'fsync', 'full_page_writes'];
  const rows = await sql`select name, setting from pg_settings where name in ${sql(names)}`;
  return rows
    .filter(({ setting }) => setting === 'off' || setting === 'local')
    .map(({ name, setting }) => `${name} is ${setting} and must be on`);
}

/**
 * Checks that the database keeps what it has committed, and that nobody but service_role can write. The gateway
 * must have answered a request before, as that is when it would hand out rights of its own.
 * @returns what is wrong, in sentences; empty when all is well
 */
export async function selfTest(sql: postgres.Sql): Promise<string[]> {
  const problems = [...(await durability(sql)), ...(await heldRights(sql))];
  for (const role of ['authenticated', 'anon']) {
    for (const statement of FORBIDDEN) {
      const problem = await attempt(sql, role, statement);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems;
}

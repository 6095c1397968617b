import type postgres from 'postgres';

export type Right = { role: string; object: string; may: string[] };

/**
 * What the three roles of the API may do with the objects of public, private and pgboss, by grant of their own or of
 * everybody's, as the catalog says it. Rights inside a schema that a role may not enter count for nothing.
 */
export async function rightsIn(sql: postgres.ISql): Promise<Right[]> {
  const rows = await sql<Right[]>`
    with roles as (select unnest(array['anon', 'authenticated', 'service_role']) as role),
    entered as (
      select role, n.oid, n.nspname from roles cross join pg_namespace n
      where n.nspname in ('public', 'private', 'pgboss') and has_schema_privilege(role, n.oid, 'usage')),
    rights as (
      select e.role, format('%s.%s', e.nspname, c.relname) as object, p as may
      from entered e join pg_class c on c.relnamespace = e.oid and c.relkind in ('r', 'v', 'm', 'p', 'f')
      cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) p
      where has_table_privilege(e.role, c.oid, p)
      union all
      select e.role, format('%s.%s', e.nspname, c.relname), format('%s(%s)', p, a.attname)
      from entered e join pg_class c on c.relnamespace = e.oid and c.relkind in ('r', 'v', 'm', 'p', 'f')
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p
      where has_column_privilege(e.role, c.oid, a.attnum, p) and not has_table_privilege(e.role, c.oid, p)
      union all
      select e.role, format('%s.%s', e.nspname, c.relname), p
      from entered e join pg_class c on c.relnamespace = e.oid and c.relkind = 'S'
      cross join unnest(array['USAGE', 'SELECT', 'UPDATE']) p
      where has_sequence_privilege(e.role, c.oid, p)
      union all
      select e.role, format('%s.%s', e.nspname, p.oid::regprocedure), 'EXECUTE'
      from entered e join pg_proc p on p.pronamespace = e.oid
      where has_function_privilege(e.role, p.oid, 'execute')
      union all
      select e.role, e.nspname, 'CREATE' from entered e where has_schema_privilege(e.role, e.oid, 'create'))
    select role, object, array_agg(may order by may) as may from rights group by role, object order by role, object`;
  return rows.map(({ role, object, may }) => ({ role, object, may }));
}

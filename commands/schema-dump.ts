import type postgres from 'postgres';

type Line = { line: string };

/** Statements of one kind, in an order that depends on names only. */
const SECTIONS: [title: string, query: string][] = [
  [
    'Tables',
    `select format(E'create table %I.%I (\\n%s\\n)%s;%s', n.nspname, c.relname,
        string_agg(part, E',\\n' order by rank, name), coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', ''),
        coalesce(format(E'\\ncomment on table %I.%I is ', n.nspname, c.relname)
          || quote_literal(obj_description(c.oid, 'pg_class')) || ';', '')
        || case when c.relrowsecurity then format(E'\\nalter table %I.%I enable row level security;', n.nspname, c.relname)
           else '' end) as line
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      cross join lateral (
        select 0 as rank, lpad(a.attnum::text, 4, '0') as name,
          format('  %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
            case when a.attnotnull then ' not null' else '' end,
            case when a.attidentity <> '' then ' generated always as identity'
              when a.attgenerated <> '' then format(' generated always as (%s) stored', pg_get_expr(d.adbin, d.adrelid))
              when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end) as part
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        union all
        select 1, o.conname, format('  constraint %I %s', o.conname, pg_get_constraintdef(o.oid))
        from pg_constraint o where o.conrelid = c.oid and o.contype <> 'n') parts
      where n.nspname in ('public', 'private') and c.relkind in ('r', 'p')
      group by n.nspname, c.relname, c.oid, c.reloptions, c.relrowsecurity order by n.nspname desc, c.relname`,
  ],
  [
    'Indexes that are no constraints',
    `select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i
      join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'private') and not exists (select from pg_constraint o where o.conindid = i.indexrelid)
      order by n.nspname desc, c.relname`,
  ],
  [
    'Functions',
    `select rtrim(pg_get_functiondef(p.oid), E'\\n') || ';' || coalesce(format(E'\\ncomment on function %s is ', p.oid::regprocedure)
        || quote_literal(obj_description(p.oid, 'pg_proc')) || ';', '') as line
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ('public', 'private') order by n.nspname desc, p.proname, p.oid::regprocedure::text`,
  ],
  [
    'Triggers',
    `select pg_get_triggerdef(t.oid) || ';' as line from pg_trigger t join pg_proc p on p.oid = t.tgfoid
      join pg_namespace n on n.oid = p.pronamespace
      where not t.tgisinternal and n.nspname in ('public', 'private') order by t.tgname`,
  ],
  [
    'Policies',
    `select format('create policy %I on %I.%I for %s to %s using (%s)%s;', policyname, schemaname, tablename, lower(cmd),
        array_to_string(roles, ', '), qual, coalesce(' with check (' || with_check || ')', '')) as line
      from pg_policies where schemaname in ('public', 'private') order by tablename, policyname`,
  ],
  [
    'Grants',
    `select format('grant %s on %s to %s;', string_agg(lower(privilege), ', ' order by privilege), object, grantee) as line
      from (
        select x.privilege_type as privilege, format('%I.%I', n.nspname, c.relname) as object, x.grantee::regrole::text as grantee
        from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) x
        where n.nspname in ('public', 'private') and x.grantee <> c.relowner
        union all
        select format('%s (%I)', x.privilege_type, a.attname), format('%I.%I', n.nspname, c.relname), x.grantee::regrole::text
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid,
          aclexplode(a.attacl) x
        where n.nspname in ('public', 'private')
        union all
        select x.privilege_type, 'function ' || p.oid::regprocedure, x.grantee::regrole::text
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) x
        where n.nspname in ('public', 'private') and x.grantee <> p.proowner) g
      group by object, grantee order by object, grantee`,
  ],
];

/** The schemas public and private as SQL to read in a review; not meant to be run. */
export async function dumpSchema(database: postgres.Sql): Promise<string> {
  return await database.begin('read only', async (sql) => {
    // So that every name is written with its schema.
    await sql`set local search_path = ''`;
    let text = '-- Written by `npm run schema` from the migrations: read it, never edit it.\n';
    for (const [title, query] of SECTIONS) {
      const rows = await sql.unsafe<Line[]>(query);
      const gap = title === 'Tables' || title === 'Functions' ? '\n\n' : '\n';
      text += `\n-- ${title}\n\n${rows.map(({ line }) => line.trim()).join(gap)}\n`;
    }
    return text;
  });
}

-- One policy for each table and role: of several, each is asked for every row, and what may be read has to be looked for in all.
-- Whatever the migrations so far allow is joined by "or", under the name of the first. Who allows more in a later one alters that
-- policy; a test looks.
do $$
declare
  t record;
  g record;
begin
  for t in
    select p.polrelid, array_agg(p.oid order by p.oid) as policies from pg_catalog.pg_policy p
    where p.polpermissive and p.polcmd = 'r' and p.polrelid in (select c.oid from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace)
    group by p.polrelid having count(*) > (select count(distinct r) from pg_catalog.pg_policy o cross join lateral unnest(o.polroles) r
      where o.polrelid = p.polrelid) or exists (select from pg_catalog.pg_policy o cross join lateral unnest(o.polroles) r
      where o.polrelid = p.polrelid group by r having count(*) > 1)
  loop
    -- Roles that the same policies are for have one together.
    for g in
      with of_role as (
        select r as role, array_agg(p.polname order by p.oid) as names,
          string_agg('(' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', ' or ' order by p.oid) as allowed
        from pg_catalog.pg_policy p cross join lateral unnest(p.polroles) r where p.oid = any(t.policies) group by r)
      select allowed, names[1] as name, row_number() over (partition by names[1] order by min(role::text)) as nth,
        array_agg(role::regrole::text order by role::regrole::text) as roles
      from of_role group by allowed, names
    loop
      execute format('create policy %I on %s for select to %s using (%s)', 'joined: ' || g.name || case when g.nth > 1 then ' ' || g.nth else '' end,
        t.polrelid::regclass, array_to_string(g.roles, ', '), g.allowed);
    end loop;
    for g in select polname as name from pg_catalog.pg_policy where oid = any(t.policies) loop
      execute format('drop policy %I on %s', g.name, t.polrelid::regclass);
    end loop;
    for g in select polname as name from pg_catalog.pg_policy where polrelid = t.polrelid and polname like 'joined: %' loop
      execute format('alter policy %I on %s rename to %I', g.name, t.polrelid::regclass, substr(g.name, 9));
    end loop;
  end loop;
end $$;

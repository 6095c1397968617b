import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type postgres from 'postgres';

const ROLES = new URL('./roles.sql', import.meta.url);

/**
 * Applies what is new in a folder of migrations, each in its own transaction, and notes it where
 * `supabase db push --remote` notes it too.
 * @returns the names applied now
 */
export async function migrate(sql: postgres.Sql, folder: string): Promise<string[]> {
  await sql.unsafe(readFileSync(ROLES, 'utf8'));
  const done = await sql`select version from supabase_migrations.schema_migrations`;
  const versions = new Set(done.map((row) => row.version));
  const applied: string[] = [];
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    const [version = file, ...rest] = file.replace(/\.sql$/, '').split('_');
    if (versions.has(version)) continue;
    await sql.begin(async (transaction) => {
      // The limit is for those who ask through the API.
      await transaction`set local statement_timeout = 0`;
      await transaction.unsafe(readFileSync(join(folder, file), 'utf8'));
      await transaction`insert into supabase_migrations.schema_migrations (version, name) values (${version}, ${rest.join('_')})`;
    });
    applied.push(file);
  }
  return applied;
}

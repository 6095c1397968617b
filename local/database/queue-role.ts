import type postgres from 'postgres';

const PASSWORD = 'local-only';

/** Lets the queue's role, which the migrations made, sign in: what an operator does by hand on a hosted project. */
export async function openQueueRole(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`alter role mindbot_jobs login password '${PASSWORD}'`);
}

/** @param databaseUrl of anybody on the same database */
export function queueUrlOf(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.username = 'mindbot_jobs';
  url.password = PASSWORD;
  return url.href;
}

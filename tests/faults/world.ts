import type postgres from 'postgres';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestPostgres } from '../support/postgres.ts';

/** A guard cut out of a SQL function: in the routine's source, what is right becomes what is wrong. */
export type Cut = [routine: string, right: string, wrong: string];

/** A build with its guard removed, which the harness must catch. Never in the shared code: only in one database or process. */
export type Sabotage = {
  name: string;
  cuts?: Cut[];
  statements?: string[];
  /** The same for a process's own source: the end of the file's address, what is right, what is wrong. */
  sources?: [file: string, right: string, wrong: string][];
  /** How the worker, the sidecar or the harness' own reconciler is broken; the row knows the word. */
  variant?: string;
};

export type World = {
  /** A database of its own; sabotaged, if that is wanted. */
  openDatabase(sabotage?: Sabotage): Promise<TestDatabase>;
  close(): Promise<void>;
};

/** @throws when the guard is not where the cut looks for it: a control that changes nothing would prove nothing */
export async function cutOut(sql: postgres.Sql, sabotage: Sabotage): Promise<void> {
  for (const [routine, right, wrong] of sabotage.cuts ?? []) {
    const [row] = await sql`select pg_get_functiondef(${routine}::regproc) as source`;
    const source = String(row?.source);
    if (!source.includes(right)) throw new Error(`${sabotage.name}: ${routine} has no "${right}"`);
    await sql.unsafe(source.replaceAll(right, wrong));
  }
  for (const statement of sabotage.statements ?? []) await sql.unsafe(statement);
}

/** One PostgreSQL for all rows but the one that kills it. */
export async function startWorld(): Promise<World> {
  const { server, remove } = await startTestPostgres();
  return {
    async openDatabase(sabotage) {
      const database = await createTestDatabase(server.url);
      if (sabotage !== undefined) await cutOut(database.sql, sabotage);
      return database;
    },
    async close() {
      await server.stop();
      remove();
    },
  };
}

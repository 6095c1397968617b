import { TEST_KEYS } from '../../support/keys.ts';
import { addPerson, giveTime } from '../../time/people.ts';
import { SCALED, startReaper } from '../call-books.ts';
import type { Sabotage, World } from '../world.ts';
import { type Host, startHost } from './start-host.ts';

const OWNED_SECONDS = 3600;

/** Where worker processes are hurt: a database with a reaper, people with time, and processes on demand. */
export async function openJobBench(world: World, sabotage: Sabotage | undefined) {
  const database = await world.openDatabase(sabotage);
  const reaper = startReaper(database.sql);
  const hosts = new Set<Host>();
  /** @param options.databasePort of a proxy in between */
  async function start(
    options: { databasePort?: number; preload?: string; variables?: object } = {},
  ): Promise<Host> {
    const { databasePort, preload, variables } = options;
    const databaseUrl =
      databasePort === undefined ? database.gateway.url : `http://127.0.0.1:${databasePort}`;
    const settings = { databaseUrl, secretKey: TEST_KEYS.secretKey, ...SCALED, variant: sabotage?.variant };
    const host = await startHost(settings, preload, variables);
    hosts.add(host);
    return host;
  }
  let next: Promise<Host> | undefined;
  return {
    sql: database.sql,
    gatewayPort: Number(new URL(database.gateway.url).port),
    async person(seconds = OWNED_SECONDS): Promise<string> {
      // At once, as somebody else's case may audit at any moment.
      return database.sql.begin(async (sql) => {
        const id = await addPerson(sql);
        await giveTime(sql, id, seconds);
        return id;
      });
    },
    host: start,
    /** The worker that takes calls over, for all cases. */
    next(): Promise<Host> {
      next ??= start();
      return next;
    },
    /** Ends a process for good. */
    async kill(host: Host): Promise<number> {
      hosts.delete(host);
      return host.kill();
    },
    async close(): Promise<void> {
      await Promise.all([...hosts].map((host) => host.kill()));
      reaper.stop();
      await database.close();
    },
  };
}

export type JobBench = Awaited<ReturnType<typeof openJobBench>>;

import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { type PostgresServer, startPostgres } from '../../local/database/postgres-server.ts';
import { connect } from '../support/connect.ts';
import { startCuttableProxy } from '../support/cuttable-proxy.ts';
import { TEMPLATE } from '../support/keys.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { monotonicMs } from './presence-clock.ts';
import { childrenOf, isAlive, killHard } from './processes.ts';
import { eventually } from './wait.ts';
import { cutOut, type Sabotage } from './world.ts';

const DATABASE = 'killed_again_and_again';
const GONE_WITHIN_MS = 10_000;

/** `kill -9` of the postmaster and of everything that it has started, as when the machine loses the process group. */
async function killAll(server: PostgresServer): Promise<void> {
  const children = childrenOf(server.pid).map(({ pid }) => pid);
  for (const pid of [server.pid, ...children]) killHard(pid);
  await server.exited;
  await eventually(async () => !children.some(isAlive), GONE_WITHIN_MS, 10);
}

/** A PostgreSQL of its own, to be killed and started again. */
export async function openPostgresBench(sabotage: Sabotage | undefined) {
  const started = await startTestPostgres();
  let server = started.server;
  const admin = postgres(server.url, { max: 1, onnotice() {} });
  await admin.unsafe(`create database ${DATABASE} template ${TEMPLATE}`);
  await admin.end();
  const proxy = await startCuttableProxy(server.port);
  const url = server.url.replace(/postgres$/, DATABASE);
  const proxiedUrl = url.replace(`:${server.port}/`, `:${proxy.port}/`);
  // Types are not fetched: that query of the driver's own rejects unheard when its connection breaks.
  const options = { onnotice() {}, backoff: () => 0.02, connect_timeout: 5, fetch_types: false };
  const sql = connect(url, { max: 4, ...options });
  if (sabotage !== undefined) await cutOut(sql, sabotage);
  return {
    sql,
    /** Connections that can break while the server goes on with what they asked for. */
    connect: (max: number) => connect(proxiedUrl, { max, ...options }),
    /**
     * @param cutBeforeMs all connections break so long before
     * @returns milliseconds until it answered again
     */
    async killAndRestart(cutBeforeMs: number): Promise<number> {
      proxy.cut();
      await sleep(cutBeforeMs);
      const killedAtMs = monotonicMs();
      await killAll(server);
      server = await startPostgres({ dataDir: started.dataDir, port: server.port });
      return monotonicMs() - killedAtMs;
    },
    async close(): Promise<void> {
      await sql.end({ timeout: 1 });
      proxy.close();
      await server.stop();
      started.remove();
    },
  };
}

export type PostgresBench = Awaited<ReturnType<typeof openPostgresBench>>;

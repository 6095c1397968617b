import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGateway } from '../../../local/database/gateway.ts';
import { startPostgres } from '../../../local/database/postgres-server.ts';
import { freePort } from '../../../local/free-port.ts';
import { KEYS } from '../../start-server.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../supabase/migrations', import.meta.url));

/** The database of a bench with the gateway in front of it, in a process of its own, so that its work is not the agent's. */
const postgres = await startPostgres({
  dataDir: join(process.env.DATA_DIR ?? '', 'postgres'),
  port: await freePort(),
});
const gateway = await startGateway({
  databaseUrl: postgres.url,
  port: await freePort(),
  keys: KEYS,
  migrations: MIGRATIONS,
});
process.once('SIGTERM', async () => {
  await postgres.stop();
  process.exit(0);
});
console.log(JSON.stringify({ ready: true, gatewayUrl: gateway.url, databaseUrl: postgres.url }));

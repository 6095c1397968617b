/**
 * How often one sidecar that nobody asks anything asks the database: its statements (as PostgreSQL logs them, those of the
 * local gateway for its HTTP requests included), transactions and HTTP requests, per second.
 * Usage: npm run bench:idle -- [seconds, 60 by default]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { startGateway } from '../local/database/gateway.ts';
import { startPostgres } from '../local/database/postgres-server.ts';
import { queueUrlOf } from '../local/database/queue-role.ts';
import { freePort } from '../local/free-port.ts';
import { startStripeStandIn } from '../local/stripe/server.ts';

const WARM_UP_MS = 20_000;
const MINUTE_SECONDS = 60;
const seconds = Number(process.argv[2] ?? MINUTE_SECONDS);
const keys = {
  publishableKey: 'sb_publishable_for_the_bench',
  secretKey: 'sb_secret_for_the_bench',
  jwtSecret: 'a secret for the bench, of 32 characters and more',
};
const stripeKeys = { secretKey: 'sk_test_for_the_bench', publishableKey: 'pk_test_for_the_bench' };

const folder = mkdtempSync(join(tmpdir(), 'mindbot-idle-'));
const dataDir = join(folder, 'postgres');
const server = await startPostgres({ dataDir, port: await freePort() });
const gatewayPort = await freePort();
const gateway = await startGateway({
  databaseUrl: server.url,
  port: gatewayPort,
  keys,
  migrations: 'supabase/migrations',
});
const stripe = await startStripeStandIn({ ...stripeKeys, databaseFile: ':memory:', retryDelaysMs: [] });

let requests = 0;
// In front of the gateway, to count.
const counter = createServer((incoming, outgoing) => {
  requests++;
  const { method, url, headers } = incoming;
  const onward = request({ port: gatewayPort, host: '127.0.0.1', method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(onward);
});
const port = await freePort();
await once(counter.listen(port, '127.0.0.1'), 'listening');

const sidecar = spawn(process.execPath, ['webhook-server/main.ts'], {
  env: {
    PATH: process.env.PATH,
    LOG_LEVEL: 'warn',
    SIDECAR_PORT: '0',
    SUPABASE_URL: `http://127.0.0.1:${port}`,
    SUPABASE_SERVICE_ROLE_KEY: keys.secretKey,
    SUPABASE_PUBLISHABLE_KEY: keys.publishableKey,
    SUPABASE_JWT_SECRET: keys.jwtSecret,
    DATABASE_URL: queueUrlOf(server.url),
    STRIPE_SECRET_KEY: stripeKeys.secretKey,
    STRIPE_PUBLISHABLE_KEY: stripeKeys.publishableKey,
    STRIPE_WEBHOOK_SECRET: 'whsec_for_the_bench',
    STRIPE_API_URL: stripe.url,
    ACTIVATION_CODE_KEY: 'an activation code key for the bench only',
    API_KEY_PEPPER: 'a pepper of API keys for the bench, of enough length',
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'mindbot@localhost',
  },
  stdio: ['ignore', 'inherit', 'inherit'],
});

const sql = postgres(server.url, { max: 1, onnotice() {} });
const MARK = 'of the bench itself';
const statements = () =>
  readFileSync(`${dataDir}.log`, 'utf8')
    .split('\n')
    .filter((line) => /LOG: {2}(statement|execute [^:]*): /.test(line) && !line.includes(MARK)).length;
async function transactions(): Promise<number> {
  const [row] = await sql`select sum(xact_commit + xact_rollback)::int as n /* of the bench itself */
    from pg_stat_database where datname = current_database()`;
  return Number(row?.n);
}

try {
  await sleep(WARM_UP_MS);
  await sql.unsafe(`alter system set log_statement = 'all' /* ${MARK} */`);
  await sql.unsafe(`select pg_reload_conf() /* ${MARK} */`);
  await sleep(1000);
  const before = { requests, statements: statements(), transactions: await transactions() };
  await sleep(seconds * 1000);
  const after = { requests, statements: statements(), transactions: await transactions() };
  const rate = (name: keyof typeof before) => ((after[name] - before[name]) / seconds).toFixed(2);
  console.log(`In ${seconds} s an idle sidecar made, per second:`);
  console.log(`  statements    ${rate('statements')}`);
  console.log(`  transactions  ${rate('transactions')}`);
  console.log(`  HTTP requests ${rate('requests')}`);
} finally {
  sidecar.kill('SIGKILL');
  await sql.end();
  counter.closeAllConnections();
  counter.close();
  await gateway.close();
  await stripe.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

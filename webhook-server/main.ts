import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadConfigOrExit } from '../shared/config/load-config.ts';
import { sidecarVariables } from '../shared/config/variables.ts';
import { createDatabaseClient } from '../shared/database/client.ts';
import { listenOrExit } from '../shared/listen.ts';
import { createLogger } from '../shared/logging.ts';
import { createApp } from './app.ts';
import type { Dependencies } from './base/dependencies.ts';
import { describeCause } from './base/failures.ts';
import { createMail } from './base/mail.ts';
import { createMetrics } from './base/metrics.ts';
import { errorsOf } from './base/track-errors.ts';
import { DEFAULT_BUDGETS } from './http/limit-requests.ts';
import { durabilityProblems, waitForDatabase } from './operations/check-database.ts';
import { findSigningProblem } from './operations/find-signing-problem.ts';
import { createStripeClient } from './payments/stripe-client.ts';
import { listEffects, listPeriodicJobs } from './queue/jobs.ts';
import { type RunningQueue, startQueue } from './queue/start-queue.ts';

const DATABASE_RETRY_MS = 2_000;
/** Longer than common load balancers keep a connection open, so that it is never us who drops one in use. */
const KEEP_ALIVE_MS = 65_000;
const STOP_TIMEOUT_MS = 15_000;
const IDLE_SWEEP_MS = 50;
/** EX_CONFIG of sysexits.h: starting again without a change is of no use. */
const EXIT_CONFIG = 78;

const config = loadConfigOrExit(sidecarVariables);
const logger = createLogger('sidecar', config.LOG_LEVEL);
const deps: Dependencies = {
  config,
  logger,
  database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
  stripe: createStripeClient(config),
  metrics: createMetrics(),
  mail: createMail(config),
  now: () => new Date(),
};

const stopping = new AbortController();
/** Whether the database was found fit to keep a ledger. */
let isFit = false;
let queue: RunningQueue | null = null;
let starting: Promise<void> | undefined;
const server = createServer(
  createApp(deps, {
    budgets: DEFAULT_BUDGETS,
    pageFolder: fileURLToPath(new URL('../web/dist', import.meta.url)),
    isReady: () => isFit,
    lateJobs: () => (queue === null ? ['queue'] : queue.late()),
    stopping: stopping.signal,
  }),
);
server.keepAliveTimeout = KEEP_ALIVE_MS;

/** Takes no more requests and finishes those under way, and the jobs. */
async function stop(): Promise<void> {
  stopping.abort();
  const closed = new Promise((resolve) => server.close(resolve));
  // A connection that is kept alive would go on asking; it is closed as soon as it has its answer.
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  // Whatever is cut off then is done again: every job and every request that changes anything may be repeated.
  const deadline = setTimeout(() => process.exit(1), STOP_TIMEOUT_MS);
  await Promise.all([closed, starting?.then(() => queue?.stop())]);
  await errorsOf(deps).flush();
  clearInterval(sweep);
  clearTimeout(deadline);
  logger.info('stopped');
}

/** Works the queue as soon as it can be reached. People are served meanwhile: what they are owed waits, and is not lost. */
async function workQueue(): Promise<void> {
  const options = {
    databaseUrl: config.DATABASE_URL,
    effects: listEffects(deps),
    periodic: listPeriodicJobs(deps),
  };
  while (!stopping.signal.aborted) {
    try {
      queue = await startQueue(deps, options);
      logger.info('the queue is worked');
      return;
    } catch (error) {
      const cause = describeCause(error)?.message;
      logger.warn(
        { cause },
        'waiting for the queue: DATABASE_URL is not to be reached, or lacks the migrations',
      );
    }
    await sleep(DATABASE_RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
}

async function listen(http: Server): Promise<void> {
  await listenOrExit(http, {
    port: config.SIDECAR_PORT,
    host: config.SIDECAR_HOST,
    portName: 'SIDECAR_PORT',
    hostName: 'SIDECAR_HOST',
  });
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.SIDECAR_PORT;
  logger.info({ url: `http://${config.SIDECAR_HOST}:${port}` }, 'the sidecar is listening');
}

if (deps.mail.problem !== null)
  logger.warn({ problem: deps.mail.problem }, 'notices wait until mail is set up');

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
await listen(server);
const settings = await waitForDatabase({ ...deps, retryMs: DATABASE_RETRY_MS }, stopping.signal);
const problems = settings === null ? [] : durabilityProblems(settings);
const signingProblem = await findSigningProblem(config);
if (problems.length > 0) {
  logger.fatal(
    { problems },
    'this database could lose paid time in a power cut; the sidecar does not run on it',
  );
  process.exitCode = EXIT_CONFIG;
  await stop();
} else if (settings !== null && signingProblem !== null) {
  logger.fatal({ problems: [signingProblem] }, 'nobody could sign in; the sidecar does not run like this');
  process.exitCode = EXIT_CONFIG;
  await stop();
} else if (settings !== null && !stopping.signal.aborted) {
  isFit = true;
  logger.info('the sidecar is ready');
  starting = workQueue();
}

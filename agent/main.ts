import { once } from 'node:events';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AgentServer, initializeLogger, ServerOptions } from '@livekit/agents';
import { AGENT_NAME } from '../shared/api/calls.ts';
import { systemClock } from '../shared/clock.ts';
import { loadConfigOrExit } from '../shared/config/load-config.ts';
import { agentVariables } from '../shared/config/variables.ts';
import { createDatabaseClient } from '../shared/database/client.ts';
import { createLogger } from '../shared/logging.ts';
import { mayCall } from '../shared/time/may-call.ts';
import { within } from '../shared/within.ts';
import { roomServiceOf } from './call/look-for-caller.ts';
import { createWorkerMetrics } from './worker/metrics.ts';
import { startLeanProcesses } from './worker/processes.ts';
import { listenForReports } from './worker/reports.ts';
import { senderAway } from './worker/send-away.ts';
import { serveStatus, type WorkerHealth } from './worker/serve-status.ts';
import { startLimits } from './worker/starts.ts';
import { CallTaker } from './worker/take-calls.ts';
import { tellOperators } from './worker/tell-operators.ts';

/** Share of a call's memory limit from which it is logged. */
const MEMORY_WARNING = 0.6;

const config = loadConfigOrExit(agentVariables);
const logger = createLogger('agent', config.LOG_LEVEL);
// The framework logs what people say at info level.
initializeLogger({
  pretty: false,
  level: ['error', 'fatal', 'silent'].includes(config.LOG_LEVEL) ? config.LOG_LEVEL : 'warn',
});

/** Operators are told that it ends: a database that does not answer holds nothing up. */
const GOODBYE_WITHIN_MS = 3_000;

/** Calls that would keep a machine busy which the models and the media server share. */
const SHARED_SEATS = 10;

/** The framework's own status server must have a port; nobody but this process asks it. */
async function anyPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

startLeanProcesses(process.env);
const idleProcesses = Math.min(availableParallelism(), 4);
const startUp = startLimits(performance.now(), idleProcesses);
const frameworkPort = await anyPort();
let isDraining = false;
const metrics = createWorkerMetrics(() => worker.activeJobs.length);
const database = createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY);
const taker = new CallTaker({
  limits: { perPerson: config.MAX_CALLS_PER_PERSON, starting: startUp.starting },
  mayCall: (wanted) => mayCall(database, wanted, config.MAX_CALLS_PER_PERSON),
  sendAway: senderAway(roomServiceOf(config), systemClock, logger),
  running: () => new Set(worker.activeJobs.map(({ job }) => job.id)),
  onRefused: metrics.notTaken,
  clock: systemClock,
  logger,
});
const reports = await listenForReports((report) => {
  if (report.type === 'reached') taker.reached(report.call_id, report.stage);
  metrics.record(report);
});
const options = new ServerOptions({
  agent: fileURLToPath(new URL('./job.ts', import.meta.url)),
  agentName: AGENT_NAME,
  requestFunc: taker.offered,
  numIdleProcesses: idleProcesses,
  initializeProcessTimeout: startUp.initialisedWithinMs,
  wsURL: config.LIVEKIT_URL,
  apiKey: config.LIVEKIT_API_KEY,
  apiSecret: config.LIVEKIT_API_SECRET,
  host: '127.0.0.1',
  port: frameworkPort,
  production: true,
  // A worker counts as full when the processor is busy, and whoever calls a full one waits in vain. On a machine
  // that shares its processor with the models and the media server, calls are counted instead.
  ...(config.ENVIRONMENT !== 'production' && {
    loadFunc: async ({ activeJobs }) => activeJobs.length / SHARED_SEATS,
  }),
  // A media server that restarts is no reason to end: keep knocking.
  maxRetry: Number.POSITIVE_INFINITY,
  jobMemoryLimitMB: config.JOB_MEMORY_LIMIT_MB,
  jobMemoryWarnMB: config.JOB_MEMORY_LIMIT_MB * MEMORY_WARNING,
  drainTimeout: config.DRAIN_SECONDS * 1000,
});
const worker = new AgentServer(options);

async function health(): Promise<WorkerHealth> {
  const answer = await fetch(`http://127.0.0.1:${frameworkPort}/`).catch(() => undefined);
  const connected = answer?.ok === true;
  return { connected, isStarved: taker.isStarved, activeCalls: worker.activeJobs.length, isDraining };
}
const status = await serveStatus({
  host: config.STATUS_HOST,
  healthPort: config.HEALTH_CHECK_PORT,
  metricsPort: config.PROMETHEUS_PORT,
  metrics,
  health,
});

const operators = tellOperators(
  database,
  async () => ({
    ...(await health()),
    load: (await options.loadFunc(worker)) / options.loadThreshold,
    seats: config.ENVIRONMENT === 'production' ? null : Math.ceil(options.loadThreshold * SHARED_SEATS),
  }),
  { release: config.RELEASE, logger },
);

/** Takes no new calls, lets live ones end, then goes. A second signal ends at once. */
async function stop(): Promise<void> {
  isDraining = true;
  logger.info({ active_calls: worker.activeJobs.length }, 'draining');
  await worker.drain().catch((error: unknown) => logger.warn({ err: error }, 'not all calls ended in time'));
  await worker.close();
  await within(operators.close(), GOODBYE_WITHIN_MS, systemClock);
  status.close();
  reports.close();
  process.exit(0);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    process.once(signal, () => process.exit(1));
    void stop();
  });
}

logger.info(
  {
    health: `http://127.0.0.1:${config.HEALTH_CHECK_PORT}/health`,
    metrics: `http://127.0.0.1:${config.PROMETHEUS_PORT}/metrics`,
  },
  'agent worker starts',
);
await worker.run();

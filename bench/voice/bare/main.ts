import { fileURLToPath } from 'node:url';
import { AgentServer, initializeLogger, ServerOptions } from '@livekit/agents';

const {
  BARE_JOB = './job.ts',
  BARE_AGENT_NAME = '',
  HEALTH_CHECK_PORT,
  LIVEKIT_URL = '',
  LIVEKIT_API_KEY = '',
  LIVEKIT_API_SECRET = '',
} = process.env;

/** A worker with the framework's defaults, except for what ours sets, too: see agent/main.ts. */
initializeLogger({ pretty: false, level: 'warn' });
const worker = new AgentServer(
  new ServerOptions({
    agent: fileURLToPath(new URL(BARE_JOB, import.meta.url)),
    agentName: BARE_AGENT_NAME,
    wsURL: LIVEKIT_URL,
    apiKey: LIVEKIT_API_KEY,
    apiSecret: LIVEKIT_API_SECRET,
    host: '127.0.0.1',
    port: Number(HEALTH_CHECK_PORT),
    production: true,
    loadFunc: async ({ activeJobs }) => activeJobs.length / 10,
  }),
);
process.once('SIGTERM', async () => {
  await worker.drain().catch(() => undefined);
  await worker.close();
  process.exit(0);
});
await worker.run();

import { fileURLToPath } from 'node:url';
import { makeHome } from '../../../commands/basics/project.ts';
import { stopOnSignals } from '../../../commands/supervisor/end-process.ts';
import { keepRunning } from '../../../commands/supervisor/keep-running.ts';
import { freePort } from '../../../local/free-port.ts';

// `start` as it is after its checks, but for the services: one stays, the other is what the test makes of it.

const home = process.env.MINDBOT_HOME ?? '';
const file = fileURLToPath(new URL('./fake-service.ts', import.meta.url));
const fake = (name: string, port: number) => ({
  name,
  label: `Fake ${name}`,
  args: [file],
  env: { PATH: process.env.PATH ?? '', FAKE_HOME: home, FAKE_PORT: String(port) },
  readiness: { http: `http://127.0.0.1:${port}` },
  after: [],
  readyWithinMs: 20_000,
  graceMs: 2000,
});

makeHome(home);
process.exit(
  await keepRunning({
    home,
    mode: 'production',
    report: console.error,
    stopSignal: stopOnSignals(home, () => {}),
    onUp: () => console.error('all is up'),
    prepare: async () => ({
      mode: 'production',
      services: [fake('first', await freePort()), fake('second', await freePort())],
      addresses: [],
      status: {
        sidecar: { url: 'http://127.0.0.1:1' },
        agent: { health_url: null },
        supabase: { url: 'https://real', publishable_key: 'public', secret_key: null },
        stripe: { api_url: 'https://real', secret_key: null, webhook_secret: null },
        mailbox: null,
        livekit: null,
      },
    }),
  }),
);

import { fileURLToPath } from 'node:url';
import { findProject } from '../../../commands/basics/project.ts';
import { development } from '../../../commands/development.ts';
import type { Service } from '../../../commands/supervisor/service.ts';

// `dev` as it is, but for the table of services.

const file = fileURLToPath(new URL('./fake-service.ts', import.meta.url));

function fake(name: string, after: readonly string[], env: Record<string, string> = {}): Service {
  return {
    name,
    label: `Fake ${name}`,
    args: [file],
    env: { PATH: process.env.PATH ?? '', FAKE_HOME: process.env.MINDBOT_HOME ?? '', ...env },
    readiness: { line: true },
    after,
    readyWithinMs: 20_000,
    graceMs: 2000,
  };
}

process.exit(
  await development({
    project: findProject(process.env),
    show: console.log,
    prepare: async () => ({
      mode: 'development',
      services: [fake('second', ['first'], { FAKE_CRASH: process.env.FAKE_CRASH ?? '' }), fake('first', [])],
      addresses: [{ label: 'Page', url: 'http://127.0.0.1:1' }],
      status: {
        sidecar: { url: 'http://127.0.0.1:1' },
        agent: { health_url: null },
        supabase: { url: 'http://127.0.0.1:2', publishable_key: 'public', secret_key: 'local' },
        stripe: { api_url: 'http://127.0.0.1:3', secret_key: 'local', webhook_secret: 'local' },
        mailbox: null,
        livekit: null,
      },
    }),
  }),
);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { freePort } from '../local/free-port.ts';
import { KEYS } from './start-server.ts';

/** The local Supabase in front of a database, in a process of its own, so that its work is not the agent's. */
export async function startGatewayProcess(databaseUrl: string) {
  const { PATH, HOME, LANG } = process.env;
  const port = await freePort();
  const child = spawn(process.execPath, ['local/database/main.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH,
      HOME,
      LANG,
      LOCAL_DATABASE_URL: databaseUrl,
      DATA_DIR: tmpdir(),
      POSTGRES_PORT: '1',
      SUPABASE_PORT: String(port),
      SUPABASE_PUBLISHABLE_KEY: KEYS.publishableKey,
      SUPABASE_SERVICE_ROLE_KEY: KEYS.secretKey,
      SUPABASE_JWT_SECRET: KEYS.jwtSecret,
    },
  });
  const end = () => child.kill('SIGTERM');
  process.on('exit', end);
  const exited = once(child, 'exit');
  const ready = once(createInterface(child.stdout), 'line');
  await Promise.race([
    ready,
    exited.then(([code]) => Promise.reject(new Error(`the gateway ended with ${code}`))),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      end();
      await exited;
      process.off('exit', end);
    },
  };
}

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { startGateway } from '../../local/database/gateway.ts';
import { startPostgres } from '../../local/database/postgres-server.ts';
import { queueUrlOf } from '../../local/database/queue-role.ts';
import { freePort } from '../../local/free-port.ts';
import { connect } from '../support/connect.ts';
import { TEST_KEYS } from '../support/keys.ts';

/**
 * Tries a rollback (docs/runbooks/roll-back.md): the release before this one serves on the database of this one, and this one
 * again after it. `npm run rollback:try -- <release before>`
 */
const before = process.argv[2] ?? 'HEAD~1';
const STARTS_WITHIN_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'mindbot-rollback-'));
const checkout = join(folder, 'before');
const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();

const commit = git('rev-parse', '--short', before);
git('worktree', 'add', '--quiet', '--detach', checkout, before);
symlinkSync(join(process.cwd(), 'node_modules'), join(checkout, 'node_modules'));
const server = await startPostgres({ dataDir: join(folder, 'postgres'), port: await freePort() });
// The migrations of this release, which the one before does not know.
const gateway = await startGateway({
  databaseUrl: server.url,
  port: await freePort(),
  keys: TEST_KEYS,
  migrations: 'supabase/migrations',
});
const sql = connect(server.url, { max: 1 });

async function startSidecar(cwd: string) {
  const port = await freePort();
  const { PATH, HOME } = process.env;
  const secret = 'for the trial of a rollback only, of enough length';
  const child = spawn(process.execPath, ['webhook-server/main.ts'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH,
      HOME,
      ENVIRONMENT: 'test',
      LOG_LEVEL: 'fatal',
      SIDECAR_PORT: String(port),
      SUPABASE_URL: gateway.url,
      SUPABASE_SERVICE_ROLE_KEY: TEST_KEYS.secretKey,
      SUPABASE_PUBLISHABLE_KEY: TEST_KEYS.publishableKey,
      SUPABASE_JWT_SECRET: TEST_KEYS.jwtSecret,
      DATABASE_URL: queueUrlOf(server.url),
      STRIPE_SECRET_KEY: 'sk_test_of_the_rollback',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_of_the_rollback',
      STRIPE_WEBHOOK_SECRET: 'whsec_of_the_rollback',
      STRIPE_API_URL: `http://127.0.0.1:${await freePort()}`,
      ACTIVATION_CODE_KEY: secret,
      API_KEY_PEPPER: secret,
    },
  });
  const end = async () => {
    const exited = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGTERM')) await exited;
  };
  return { url: `http://127.0.0.1:${port}`, child, end };
}

async function addPerson(): Promise<{ id: string; token: string }> {
  const id = crypto.randomUUID();
  const email = `${id}@example.com`;
  await sql`insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data, is_sso_user, is_anonymous, created_at, updated_at)
    values (${id}, 'authenticated', 'authenticated', ${email}, '{}', '{}', false, false, now(), now())`;
  const token = await new SignJWT({ role: 'authenticated', email, aal: 'aal1' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setIssuer(`${gateway.url}/auth/v1`)
    .setAudience('authenticated')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(TEST_KEYS.jwtSecret));
  return { id, token };
}

/** Has a release serve what people ask for most. @returns what went wrong */
async function tryRelease(name: string, cwd: string): Promise<string[]> {
  const sidecar = await startSidecar(cwd);
  const ask = async (path: string, token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return fetch(sidecar.url + path, { headers }).then(
      ({ status }) => status,
      () => 0,
    );
  };
  try {
    const endMs = performance.now() + STARTS_WITHIN_MS;
    while ((await ask('/pricing')) !== 200) {
      if (sidecar.child.exitCode !== null) return [`${name}: ended with status ${sidecar.child.exitCode}`];
      if (performance.now() > endMs) return [`${name}: does not get ready`];
      await sleep(200);
    }
    const { id, token } = await addPerson();
    const questions: [path: string, token?: string][] = [
      ['/health'],
      ['/pricing'],
      ['/metrics'],
      [`/user/${id}/balance`, token],
      [`/user/${id}/purchases`, token],
      ['/tenants', token],
    ];
    const problems: string[] = [];
    for (const [path, by] of questions) {
      const status = await ask(path, by);
      console.log(`${name}  ${status}  ${path.replace(id, '…')}`);
      if (status !== 200) problems.push(`${name}: ${path} answers ${status}`);
    }
    return problems;
  } finally {
    await sidecar.end();
  }
}

let problems: string[] = [];
try {
  problems = [
    ...(await tryRelease(`before (${commit})`, checkout)),
    ...(await tryRelease('this release', process.cwd())),
  ];
  const broken = await sql`select * from audit_invariants()`;
  if (broken.length > 0) problems.push(`the books: ${JSON.stringify(broken)}`);
} finally {
  await sql.end({ timeout: 1 });
  await gateway.close();
  await server.stop();
  git('worktree', 'remove', '--force', checkout);
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? `A rollback to ${before} works.` : 'A rollback does not work.');
process.exit(problems.length === 0 ? 0 : 1);

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'mindbot-reconcile-'));
  sidecar = await startSidecar({ webhooks: false });
});
afterAll(async () => {
  await sidecar.close();
  rmSync(home, { recursive: true, force: true });
});

function reconcile(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    PATH: process.env.PATH,
    ...sidecar.variables,
    MINDBOT_HOME: home,
    MINDBOT_ENV_FILE: join(home, 'none'),
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ['commands/reconcile.ts', ...options], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test('heals what was lost and says so; ends with 1 while a person has to look', async () => {
  const person = await sidecar.database.signUp();
  const { payment_intent_id: intentId } = await sidecar.begin(person);
  await sidecar.pay(intentId);
  // Its event is lost for good.
  const [event] = await sidecar.events('payment_intent.succeeded');
  await sidecar.database
    .sql`insert into stripe_events (id, type, outcome) values (${event?.id ?? ''}, 'test', 'lost')`;
  const healed = await reconcile();
  expect([healed.code, healed.stderr]).toEqual([0, '']);
  expect(JSON.parse(healed.stdout)).toMatchObject({ healed: [intentId], findings: [], failed_events: null });
  expect(await sidecar.balanceOf(person)).toBe(3600);
  expect(healed.stdout).not.toMatch(/secret|whsec|sk_test/);

  const stray = await sidecar.stripe.paymentIntents.create({
    amount: 999,
    currency: 'usd',
    // All of our names: with fewer it may be another product's, and nobody has to look.
    metadata: {
      purchase_id: crypto.randomUUID(),
      user_id: person.id,
      package_id: 'starter',
      price_cents: '999',
    },
  });
  await sidecar.pay(stray.id);
  const found = await reconcile('--days', '1');
  expect(found.code).toBe(1);
  expect(JSON.parse(found.stdout)).toMatchObject({
    healed: [],
    findings: [{ kind: 'purchase_missing', subject: stray.id }],
  });
});

test('refuses options that mean nothing', async () => {
  for (const options of [['--days', 'none'], ['--days', '-1'], ['--nonsense']]) {
    expect((await reconcile(...options)).code).toBe(64);
  }
});

import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../../shared/logging.ts';
import { SIDECAR_KEYS, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let log = '';
const capture = new Writable({
  write(chunk, _encoding, done) {
    log += String(chunk);
    done();
  },
});
beforeAll(async () => {
  // Without the shared logger's redaction: nothing may rely on it.
  sidecar = await startSidecar({ logger: pino({ level: 'trace' }, capture) });
});
afterAll(() => sidecar.close());

function lines(): Record<string, unknown>[] {
  return log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('the log tells what happened, and nothing that opens a door', async () => {
  const person = await sidecar.database.signUp();
  const { client_secret, payment_intent_id } = await sidecar.begin(person, 'starter', 'gift', 'gift-key');
  await sidecar.pay(payment_intent_id);
  const gifts = () => sidecar.get(`/user/${person.id}/gifts?token=in-the-query`, { person });
  await until(async () => (await gifts()).text.includes('activation_code'));
  const { activation_code: code = '' } =
    ((await gifts()).body as { gifts: { activation_code: string }[] }).gifts[0] ?? {};
  await sidecar.post('/activate', { person, body: { code } });
  await sidecar.post('/activate', { person, body: { code: `${code}2` } });
  sidecar.failStripe(() => 'api_error');
  const body = { package_id: 'basic' };
  await sidecar.post('/create-payment-intent', { person, body, headers: { 'idempotency-key': 'fails' } });
  const token = await sidecar.post('/token', { person, body: {}, headers: { 'x-request-id': 'find-me' } });

  const { participant_token } = token.body as { participant_token: string };
  const { stripeSecret, webhookSecret, activationCodeKey, livekitSecret } = SIDECAR_KEYS;
  const secrets = [person.accessToken, client_secret, code, code.replaceAll('-', ''), participant_token];
  for (const secret of [...secrets, stripeSecret, webhookSecret, activationCodeKey, livekitSecret]) {
    expect(secret.length).toBeGreaterThan(8);
    expect(log).not.toContain(secret);
  }
  for (const unwanted of ['in-the-query', 'authorization', 'stripe-signature', person.email]) {
    expect(log).not.toContain(unwanted);
  }
  expect(lines().find((line) => line.request_id === 'find-me')).toMatchObject({
    req: { method: 'POST', path: '/token' },
    res: { status: 201 },
  });
  expect(lines().find((line) => line.fault === 'payment_provider_unavailable')).toMatchObject({
    level: 50,
    cause: { message: expect.any(String) },
  });
  expect(lines().find((line) => line.outcome === 'applied')).toMatchObject({ source: 'webhook' });
});

test('probes are not logged', async () => {
  log = '';
  await sidecar.get('/health');
  await sidecar.get('/metrics');
  expect(log).toBe('');
});

test('what is wrong is named where the log leaves out what opens doors: the fault, and the state of the database', async () => {
  const { sql } = sidecar.database;
  const person = await sidecar.database.signUp();
  log = '';
  // A mistake of ours: a right that is missing.
  await sql`revoke execute on function public.get_user_time_balance(uuid) from service_role`;
  const refused = await sidecar.get(`/user/${person.id}/balance`, { person });
  await sql`grant execute on function public.get_user_time_balance(uuid) to service_role`;
  expect(refused.status).toBe(500);
  const line = lines().find(({ level }) => level === 50);
  expect(line).toMatchObject({ fault: 'internal', cause: { name: 'DatabaseError', sql_state: '42501' } });
  // Through the redaction of the product's own log.
  const code = { fault: 'internal', code: 'ABCD' };
  const written: string[] = [];
  createLogger('test', 'info', { write: (text) => written.push(text) }).error(code, 'failed');
  expect(JSON.parse(written.join(''))).toMatchObject({ fault: 'internal', code: '[not logged]' });
});

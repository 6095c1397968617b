import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyticsResponse, balanceResponse } from '../../shared/api/accounts.ts';
import { pageConfig } from '../../shared/api/config.ts';
import { errorResponse } from '../../shared/api/error.ts';
import { pricingResponse } from '../../shared/api/pricing.ts';
import { contentSecurityPolicy } from '../../webhook-server/http/set-security-headers.ts';
import type { Person } from '../support/database.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { type Answer, codeOf, SIDECAR_KEYS, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
const folder = mkdtempSync(join(tmpdir(), 'mindbot-page-'));
let late: string[] = [];
beforeAll(async () => {
  sidecar = await startSidecar({ app: { pageFolder: folder, lateJobs: () => late } });
});
afterAll(async () => {
  await sidecar.close();
  rmSync(folder, { recursive: true });
});

test('GET /health', async () => {
  expect(await sidecar.get('/health')).toMatchObject({
    status: 200,
    body: { status: 'ok', checks: { database: 'ok', jobs: 'ok' } },
  });
  late = ['reap_calls'];
  expect(await sidecar.get('/health')).toMatchObject({
    status: 200,
    body: { status: 'degraded', checks: { jobs: 'reap_calls' } },
  });
  late = [];
});

test('GET /pricing', async () => {
  const answer = await sidecar.get('/pricing');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=60');
  const { packages } = pricingResponse.parse(answer.body);
  expect(packages.map(({ id, price_cents }) => [id, price_cents])).toEqual([
    ['starter', 999],
    ['basic', 4499],
    ['premium', 7999],
    ['pro', 17999],
    ['enterprise', 29999],
  ]);
  const again = await sidecar.get('/pricing', {
    headers: { 'if-none-match': answer.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
  });
  expect(again.status).toBe(304);
});

test('GET /config.json tells addresses and public keys, and no secret', async () => {
  const answer = await sidecar.get('/config.json');
  expect(pageConfig.parse(answer.body)).toEqual({
    supabase: { url: sidecar.database.gateway.url, publishable_key: TEST_KEYS.publishableKey },
    livekit: { url: 'ws://127.0.0.1:7880' },
    stripe: {
      publishable_key: SIDECAR_KEYS.stripePublishable,
      js_url: `${sidecar.variables.STRIPE_API_URL}/v3/stripe.js`,
    },
    page: {
      headline: null,
      purpose: null,
      examples: [],
      operator: null,
      contact_email: null,
      terms_url: null,
      privacy_url: null,
    },
  });
  const { stripeSecret, webhookSecret, activationCodeKey, livekitSecret, livekitKey } = SIDECAR_KEYS;
  const secrets = [stripeSecret, webhookSecret, activationCodeKey, livekitSecret, livekitKey];
  for (const secret of [...secrets, TEST_KEYS.secretKey, TEST_KEYS.jwtSecret]) {
    expect(answer.text).not.toContain(secret);
  }
});

test('GET /user/:user_id/balance and /analytics after a purchase and a call', async () => {
  const person = await sidecar.database.signUp();
  await sidecar.buy(person);
  const callId = crypto.randomUUID();
  const { service } = sidecar.database;
  await service.rpc('open_call', { p_call_id: callId, p_user_id: person.id, p_room_name: 'room' });
  const used = { p_used_ms: 20_999, p_end_reason: 'hung_up' };
  await service.rpc('settle_call', { p_call_id: callId, p_epoch: 1, ...used });

  const balance = balanceResponse.parse((await sidecar.get(`/user/${person.id}/balance`, { person })).body);
  expect(balance).toMatchObject({ user_id: person.id, balance_seconds: 3580, held_seconds: 0 });
  expect(balance.cards).toMatchObject([
    { package_id: 'starter', source: 'paid', status: 'active', total_seconds: 3600, remaining_seconds: 3580 },
  ]);
  expect(balance.cards[0]?.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

  const answer = await sidecar.get(`/user/${person.id}/analytics`, { person });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const analytics = analyticsResponse.parse(answer.body);
  expect(analytics.totals).toEqual({
    calls: 1,
    charged_seconds: 20,
    average_call_seconds: 20,
    granted_seconds: 3600,
    spent: [{ currency: 'usd', cents: 999 }],
  });
  expect(analytics.days).toHaveLength(30);
  expect(analytics.days.at(-1)).toMatchObject({ calls: 1, charged_seconds: 20 });
  expect(analytics.payments).toMatchObject([
    { package_id: 'starter', status: 'succeeded', amount_cents: 999 },
  ]);
});

test('GET /metrics counts requests by route, never by person', async () => {
  const person = await sidecar.database.signUp();
  await sidecar.get(`/user/${person.id}/balance`, { person });
  await sidecar.get('/no/such/place');
  const { text, headers } = await sidecar.get('/metrics');
  expect(headers.get('content-type')).toContain('text/plain');
  expect(text).toContain('route="/user/:user_id/balance",status="200"');
  expect(text).toContain('route="none",status="404"');
  expect(text).toContain('mindbot_refusals_total{code="not_found"}');
  expect(text).toContain('process_cpu_user_seconds_total');
  expect(text).not.toContain(person.id);
});

test('the page: a sentence until it is built, then the page, its assets for good', async () => {
  const before = await sidecar.get('/');
  expect([before.status, before.text]).toEqual([200, expect.stringContaining('npm run build')]);
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>MindBot</title>');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), 'export {};');
  const page = await sidecar.get('/');
  expect([page.text, page.headers.get('cache-control')]).toEqual([
    expect.stringContaining('<title>'),
    'no-cache',
  ]);
  const asset = await sidecar.get('/assets/index-abc.js');
  expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  writeFileSync(join(folder, 'assets', 'index-abc.js.br'), brotliCompressSync('export {};'));
  const small = await sidecar.get('/assets/index-abc.js', { headers: { 'accept-encoding': 'br' } });
  expect([small.headers.get('content-encoding'), small.text]).toEqual(['br', 'export {};']);
  expect(small.headers.get('vary')).toContain('Accept-Encoding');
  expect((await sidecar.get('/../package.json')).status).toBe(404);
  expect((await sidecar.get('/%2e%2e/package.json')).status).toBeGreaterThanOrEqual(400);
});

const BROWSER = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };
const SCRIPT = { headers: { accept: 'application/json' } };
const isPage = ({ text }: Answer) => text.includes('<title>');

test('each room has an address, where a browser gets the page and a program what it asks for', async () => {
  for (const room of ['/talk', '/buy', '/account', '/help', '/calls/1b4', '/gift/ABC', '/operator']) {
    for (const request of [BROWSER, {}]) {
      const answer = await sidecar.get(room, request);
      expect([room, answer.status, isPage(answer)]).toEqual([room, 200, true]);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
  }
  expect(isPage(await sidecar.get('/operator/people/5', BROWSER))).toBe(true);
  // A room of operators and an answer for them under the same address.
  expect(isPage(await sidecar.get('/operator/reviews', BROWSER))).toBe(true);
  expect(codeOf(await sidecar.get('/operator/reviews', SCRIPT))).toBe('not_signed_in');
  expect(isPage(await sidecar.get('/pricing', BROWSER))).toBe(false);
});

test('an address that nobody knows is a page to a browser, and an error to a program', async () => {
  const page = await sidecar.get('/no/such/place', BROWSER);
  expect([page.status, isPage(page)]).toEqual([404, true]);
  for (const request of [SCRIPT, {}]) {
    for (const nowhere of ['/no/such/place', '/operator/outbox/5/retry']) {
      const answer = await sidecar.get(nowhere, request);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'not_found']);
    }
  }
  expect(codeOf(await sidecar.post('/talk', BROWSER))).toBe('not_found');
});

test('answers are compressed', async () => {
  const answer = await sidecar.get('/openapi.json', { headers: { 'accept-encoding': 'br' } });
  expect(answer.headers.get('content-encoding')).toBe('br');
});

test('the page may reach what it needs, and nothing else', async () => {
  const csp = (await sidecar.get('/')).headers.get('content-security-policy') ?? '';
  const { host } = new URL(sidecar.database.gateway.url);
  const stripe = sidecar.variables.STRIPE_API_URL;
  expect(csp).toContain(
    `connect-src 'self' http://${host} ws://${host} http://127.0.0.1:7880 ws://127.0.0.1:7880 ${stripe}`,
  );
  expect(csp).toContain("media-src 'self' blob:");
  expect(csp).not.toContain('unsafe-eval');
  // An answer is no page to a script, and may do nothing as one; to a browser that opens it, the page's rules hold.
  const policyOf = async (request: object) =>
    (await sidecar.get('/pricing', request)).headers.get('content-security-policy');
  expect(await policyOf(SCRIPT)).toBe("default-src 'none'");
  expect(await policyOf(BROWSER)).toBe(csp);
  const { STRIPE_API_URL: _, ...config } = sidecar.deps.config;
  const real = contentSecurityPolicy({
    ...config,
    SUPABASE_URL: 'https://abc.supabase.co',
    LIVEKIT_URL: 'wss://x.livekit.cloud',
  });
  expect(real['connect-src']).toEqual([
    "'self'",
    'https://abc.supabase.co',
    'wss://abc.supabase.co',
    'https://x.livekit.cloud',
    'wss://x.livekit.cloud',
    'https://*.livekit.cloud',
    'wss://*.livekit.cloud',
    'https://api.stripe.com',
  ]);
  expect(real['script-src']).toContain('https://js.stripe.com');
});

test('other origins get no CORS headers', async () => {
  const answer = await sidecar.get('/pricing', { headers: { origin: 'https://elsewhere.example' } });
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
});

test('a sane request id is kept, any other is replaced', async () => {
  const kept = await sidecar.get('/pricing', { headers: { 'x-request-id': 'abc-123' } });
  expect(kept.headers.get('x-request-id')).toBe('abc-123');
  for (const id of ['x'.repeat(65), 'a b', '{"forged":1}']) {
    const answer = await sidecar.get('/nowhere', { headers: { 'x-request-id': id } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(errorResponse.parse(answer.body).error.request_id).toBe(answer.headers.get('x-request-id'));
  }
});

test('every error has the same shape', async () => {
  const person = await sidecar.database.signUp();
  const json = { 'content-type': 'application/json' };
  const key = { 'idempotency-key': 'k' };
  const cases: [string, Parameters<TestSidecar['post']>[1], number, string][] = [
    ['/nowhere', {}, 404, 'not_found'],
    ['/pricing', {}, 404, 'not_found'],
    ['/user/%E0%A4%A/balance', {}, 400, 'invalid_request'],
    ['/activate', { person, raw: '{"code":', headers: json }, 400, 'invalid_request'],
    ['/activate', { person, raw: 'null', headers: json }, 400, 'invalid_request'],
    ['/activate', { person, raw: 'code=1' }, 400, 'invalid_request'],
    ['/activate', { person }, 400, 'invalid_request'],
    ['/token', { person, body: { participant_attributes: { 'a\0': '' } } }, 400, 'invalid_request'],
    ['/activate', { person, raw: '{}', headers: { 'content-type': 'text/plain' } }, 400, 'invalid_request'],
    [
      '/activate',
      { person, raw: '{}', headers: { ...json, 'content-encoding': 'br2' } },
      400,
      'invalid_request',
    ],
    ['/activate', { person, body: { code: 'x'.repeat(70_000) } }, 413, 'payload_too_large'],
    [
      '/create-payment-intent',
      { person, body: { package_id: 'x'.repeat(10_000_000) }, headers: key },
      413,
      'payload_too_large',
    ],
    ['/token', { person, body: { room_name: 'x'.repeat(10_000_000) } }, 413, 'payload_too_large'],
    ['/webhooks/stripe', { raw: 'x'.repeat(10_000_000) }, 413, 'payload_too_large'],
    ['/webhooks/livekit', { raw: 'x'.repeat(10_000_000) }, 413, 'payload_too_large'],
  ];
  for (const [path, request, status, code] of cases) {
    const answer = await sidecar.post(path, request);
    expect([path, answer.status, codeOf(answer)]).toEqual([path, status, code]);
    expect(errorResponse.parse(answer.body).error.request_id).toBe(answer.headers.get('x-request-id'));
  }
});

type Ask = (at: TestSidecar, person: Person) => Promise<Answer>;
/** Three ways to write, in three domains. */
const activate: Ask = (at, person) => at.post('/activate', { person, body: { code: 'x' } });
const endTopUp: Ask = (at, person) => at.post(`/user/${person.id}/auto-top-up/disable`, { person });
const operate: Ask = (at, person) => at.post('/operator/outbox/x/retry', { person });
const READING = ['balance', 'calls', 'gifts', 'analytics', 'memories'];

test('a person has one budget for writing and one for reading, over all routes', async () => {
  const limited = await startSidecar({ app: { budgets: { windowMs: 60_000, reads: 5, writes: 3 } } });
  try {
    const [eager, calm] = [await limited.database.signUp(), await limited.database.signUp()];
    const writing = [activate, endTopUp, operate];
    const write = (ask: Ask, person: Person) => ask(limited, person).then(({ status }) => status);
    for (const [index, status] of [422, 200, 403].entries()) {
      expect([index, await write(writing[index] ?? activate, eager)]).toEqual([index, status]);
    }
    for (const ask of writing) expect(await write(ask, eager)).toBe(429);
    const refused = await activate(limited, eager);
    expect(codeOf(refused)).toBe('too_many_requests');
    const waitSeconds = Number(refused.headers.get('retry-after'));
    expect(waitSeconds > 0 && waitSeconds <= 60).toBe(true);
    expect(await write(activate, calm)).toBe(422);
    // Reading goes on, until its own budget is spent.
    const read = (what: string, person: Person) => limited.get(`/user/${person.id}/${what}`, { person });
    for (const what of READING) expect([what, (await read(what, eager)).status]).toEqual([what, 200]);
    expect(codeOf(await read('balance', eager))).toBe('too_many_requests');
    expect((await read('balance', calm)).status).toBe(200);
    // Who is not signed in has none to spend.
    for (let i = 0; i < 10; i++) expect((await limited.get('/pricing')).status).toBe(200);
  } finally {
    await limited.close();
  }
});

import { request as httpRequest } from 'node:http';
import { decodeJwt } from 'jose';
import { TokenSource } from 'livekit-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { giveTime } from '../time/people.ts';

const STARTER = 'https://starter.example';
let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ config: { ALLOWED_ORIGINS: [STARTER] } });
});
afterAll(() => sidecar.close());

const corsOf = (headers: Headers) => [...headers].filter(([name]) => name.startsWith('access-control-'));
const preflight = (origin: string) =>
  fetch(`${sidecar.url}/token`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  });

test('a page whose origin is allowed may ask, and no other', async () => {
  const asked = await preflight(STARTER);
  expect([asked.status, Object.fromEntries(corsOf(asked.headers))]).toMatchObject([
    204,
    {
      'access-control-allow-origin': STARTER,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringContaining('authorization'),
    },
  ]);
  const answer = await sidecar.post('/token', { headers: { origin: STARTER } });
  expect(answer.headers.get('access-control-allow-origin')).toBe(STARTER);
  expect(answer.headers.get('vary')?.toLowerCase()).toContain('origin');
  for (const origin of [
    'https://elsewhere.example',
    'http://starter.example',
    `${STARTER}.evil.example`,
    'null',
  ]) {
    expect(corsOf((await preflight(origin)).headers)).toEqual([]);
    expect(corsOf((await sidecar.post('/token', { headers: { origin } })).headers)).toEqual([]);
  }
});

test("LiveKit's own token source begins a new call each time", async () => {
  const person = await sidecar.database.signUp();
  await giveTime(sidecar.database.sql, person.id, 600);
  const headers = { authorization: `Bearer ${person.accessToken}` };
  const source = TokenSource.endpoint(`${sidecar.url}/token`, { headers });
  const rooms = [];
  for (let call = 0; call < 2; call++) {
    const { participantToken, serverUrl } = await source.fetch({ agentName: 'whoever' });
    expect(serverUrl).toBe('ws://127.0.0.1:7880');
    const { video, exp = 0, nbf = 0 } = decodeJwt<{ video: { room: string } }>(participantToken);
    expect(exp - nbf).toBeLessThan(60);
    rooms.push(video.room);
  }
  expect(new Set(rooms).size).toBe(2);
});

/** With a Host header of our choice, which fetch does not send. */
function askAs(host: string, token: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(sidecar.url);
  const body = JSON.stringify({ package_id: 'starter' });
  const headers = {
    host,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(),
  };
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path: '/create-checkout-session', method: 'POST', headers };
    const request = httpRequest(options, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject).end(body);
  });
}

test('without PUBLIC_URL a foreign Host is no way back from the checkout', async () => {
  const person = await sidecar.database.signUp();
  const port = new URL(sidecar.url).port;
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
    expect([host, (await askAs(host, person.accessToken)).status]).toEqual([host, 201]);
  }
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'a b',
    '[::2]',
  ]) {
    const { status, text } = await askAs(host, person.accessToken);
    expect([host, status, /PUBLIC_URL|^$/.test(text)]).toEqual([host, 400, true]);
  }
});

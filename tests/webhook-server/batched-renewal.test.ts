import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Billing, batchedRenewal, databaseBilling, type Renewal } from '../../agent/call/billing.ts';
import { TEST_KEYS } from '../support/keys.ts';
import { startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { addPerson, giveTime, violations } from '../time/people.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar();
});
afterAll(() => sidecar.close());

let userId: string;
let callId: string;
beforeEach(async () => {
  userId = await addPerson(sidecar.database.sql);
  await giveTime(sidecar.database.sql, userId, 3600);
  callId = randomUUID();
});

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await violations(sidecar.database.sql)).toEqual([]);
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/internal/renewals`;
}

const SETTINGS = { sliceSeconds: 30, leaseMarginSeconds: 15, maxCallsPerPerson: 4 };
function billing(batched?: Renewal): Billing {
  const ticket = { callId, userId, roomName: `call-${callId}` };
  return databaseBilling(sidecar.deps.database, ticket, SETTINGS, batched);
}
const throughSidecar = () => batchedRenewal(`${sidecar.url}/internal/renewals`, TEST_KEYS.secretKey);

async function stored() {
  const [row] = await sidecar.database.sql`
    select used_ms::int, restored_ms::int, renewals, epoch, status, charged_seconds as charged
    from voice_sessions where id = ${callId}`;
  return row;
}

async function batches(): Promise<number> {
  const text = await sidecar.deps.metrics.registry.metrics();
  return Number(/^mindbot_renewal_batch_size_count (\d+)$/m.exec(text)?.[1]);
}

test('a call renews through the sidecar, and settles with what was restored', async () => {
  const call = billing(throughSidecar());
  await call.open();
  const before = await batches();
  expect(await call.renew(12_000, 2_500)).toEqual({
    grantedSeconds: 42,
    freeSeconds: 3560,
    liveCalls: 1,
    final: false,
  });
  expect(await batches()).toBe(before + 1);
  expect(await stored()).toMatchObject({ used_ms: 12_000, restored_ms: 2_500, renewals: 2 });
  expect(await call.settle(20_000, 'caller_hung_up', [], 3_000)).toBe(17);
  expect(await call.renew(21_000)).toBeUndefined();
  expect(await stored()).toMatchObject({ status: 'settled', charged: 17, restored_ms: 3_000 });
});

test('without the address it asks the database, with the same result', async () => {
  const call = billing();
  await call.open();
  const before = await batches();
  expect(await call.renew(12_000, 2_500)).toMatchObject({ grantedSeconds: 42, freeSeconds: 3560 });
  expect(await batches()).toBe(before);
  expect(await call.settle(20_000, 'caller_hung_up', [])).toBe(17);
});

test('a repeated opening of the same worker does not fence itself; another worker does', async () => {
  const call = billing(throughSidecar());
  await call.open();
  await call.open();
  expect(await stored()).toMatchObject({ epoch: 1 });
  expect(await call.renew(1000)).toMatchObject({ grantedSeconds: 31 });
  const successor = billing(throughSidecar());
  await successor.open();
  expect(await call.renew(2000)).toBeUndefined();
  expect(await successor.renew(2000)).toMatchObject({ grantedSeconds: 32 });
  expect(await call.settle(9000, 'caller_hung_up', [])).toBeUndefined();
});

test('fenced is an answer: the database is not asked again', async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.headers.authorization ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ call_id: callId, status: 'fenced', epoch: 7 }));
  });
  const call = billing(batchedRenewal(url, 'the key'));
  await call.open();
  expect(await call.renew(3000)).toBeUndefined();
  expect(asked).toEqual(['Bearer the key']);
  expect(await stored()).toMatchObject({ used_ms: 0 });
});

const answers: [what: string, listener: RequestListener][] = [
  ['answers 503', (_request, response) => response.writeHead(503).end('{}')],
  ['answers 401, as with another key', (_request, response) => response.writeHead(401).end('{}')],
  ['answers 404, as another server', (_request, response) => response.writeHead(404).end('nothing here')],
  ['answers what nobody understands', (_request, response) => response.end('<html>')],
  [
    'answers about another call',
    (_request, response) =>
      response.end(JSON.stringify({ call_id: randomUUID(), status: 'fenced', epoch: 7 })),
  ],
  ['sends it on to elsewhere', (_request, response) => response.writeHead(307, { location: '/x' }).end()],
  ['drops the connection', (request) => request.socket.destroy()],
  ['never answers', () => {}],
];

test.each(answers)('goes to the database when the sidecar %s', async (_what, listener) => {
  const call = billing(batchedRenewal(await serve(listener), TEST_KEYS.secretKey));
  await call.open();
  expect(await call.renew(4000, 100)).toMatchObject({ grantedSeconds: 34 });
  expect(await stored()).toMatchObject({ used_ms: 4000, restored_ms: 100 });
});

test('goes to the database when nobody listens', async () => {
  const url = await serve(() => {});
  const [server] = servers.splice(0);
  await new Promise((resolve) => server?.close(resolve));
  const call = billing(batchedRenewal(url, TEST_KEYS.secretKey));
  await call.open();
  expect(await call.renew(4000)).toMatchObject({ grantedSeconds: 34 });
});

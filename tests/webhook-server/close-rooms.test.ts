import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TokenVerifier } from 'livekit-server-sdk';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { closeRooms, endCall } from '../../webhook-server/calls/close-rooms.ts';
import { reapCalls } from '../../webhook-server/operations/reap-calls.ts';
import { makeAllDue, workJobs } from '../support/queue.ts';
import { SIDECAR_KEYS, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { addPerson, giveTime } from '../time/people.ts';

type Asked = { path: string; token: string; body: { room?: string } };
let livekit: Server;
let asked: Asked[] = [];
let sidecar: TestSidecar;

/** LiveKit's room service (https://docs.livekit.io/reference/other/roomservice-api/), as far as it is asked here. */
beforeAll(async () => {
  livekit = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as Asked['body'];
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    asked.push({ path: request.url ?? '', token, body });
    response.setHeader('content-type', 'application/json');
    if (body.room === 'gone') response.writeHead(404).end('{"code":"not_found","msg":"no such room"}');
    else if (body.room === 'broken') response.writeHead(500).end('{"code":"internal","msg":"broken"}');
    else response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(livekit, 'listening');
  const url = `ws://127.0.0.1:${(livekit.address() as AddressInfo).port}`;
  sidecar = await startSidecar({ config: { LIVEKIT_URL: url } });
});
afterAll(async () => {
  await sidecar.close();
  livekit.closeAllConnections();
  await new Promise((resolve) => livekit.close(resolve));
});
beforeEach(() => {
  asked = [];
});

async function openCall(room: string, person?: string): Promise<string> {
  const { sql, service } = sidecar.database;
  const userId = person ?? (await addPerson(sql));
  await giveTime(sql, userId, 600);
  const callId = randomUUID();
  await service.rpc('open_call', { p_call_id: callId, p_user_id: userId, p_room_name: room });
  return callId;
}

async function lapse(callId: string): Promise<void> {
  await sidecar.database
    .sql`update holds set lease_expires_at = now() - interval '1 second' where id = ${callId}`;
}

async function rooms(outcome: string): Promise<number> {
  const text = await sidecar.deps.metrics.registry.metrics();
  return Number(
    new RegExp(`^mindbot_closed_rooms_total\\{outcome="${outcome}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
  );
}

test('the rooms of reaped calls are closed, those of live ones are not', async () => {
  const [dead, live] = [await openCall('call-dead'), await openCall('call-live')];
  await lapse(dead);
  await reapCalls(sidecar.deps);
  expect(asked.map(({ path, body }) => [path, body.room])).toEqual([
    ['/twirp/livekit.RoomService/DeleteRoom', 'call-dead'],
  ]);
  const claims = await new TokenVerifier(SIDECAR_KEYS.livekitKey, SIDECAR_KEYS.livekitSecret).verify(
    asked[0]?.token ?? '',
  );
  expect(claims.video).toMatchObject({ roomCreate: true });
  expect(await rooms('closed')).toBe(1);
  await reapCalls(sidecar.deps);
  expect(asked).toHaveLength(1);
  const { data } = await sidecar.database.service.from('voice_sessions').select('status').eq('id', live);
  expect(data).toEqual([{ status: 'open' }]);
});

test('what LiveKit does not do is counted, and stops nobody', async () => {
  for (const room of ['gone', 'broken', 'call-next']) await lapse(await openCall(room));
  const before = await rooms('closed');
  await reapCalls(sidecar.deps);
  expect([await rooms('gone'), await rooms('failed'), await rooms('closed')]).toEqual([1, 1, before + 1]);
  await sidecar.expectSound();
});

test('without LiveKit, and without the database, there is nothing to close', async () => {
  const callId = await openCall('call-left');
  const { LIVEKIT_URL: _, ...config } = sidecar.deps.config;
  await closeRooms({ ...sidecar.deps, config }, [callId]);
  const { sql } = sidecar.database;
  await sql`revoke select on calls from service_role`;
  await closeRooms(sidecar.deps, [callId]);
  await sql`grant select on calls to service_role`;
  expect(asked).toEqual([]);
});

test('calls of who was deleted are ended, on their own time and on a tenant’s, however often LiveKit fails', async () => {
  const { sql } = sidecar.database;
  const [owner, gone] = [await addPerson(sql), await addPerson(sql)];
  const [tenant] = await sql`select create_tenant(${owner}, 'Acme', 'a') -> 'tenant' ->> 'id' as id`;
  await sql`insert into tenant_members (tenant_id, user_id, role) values (${tenant?.id}, ${gone}, 'member')`;
  await giveTime(sql, tenant?.id, 600);
  await openCall('call-own', gone);
  const callId = randomUUID();
  await sql`select open_call(${callId}, ${gone}, 'broken', p_tenant_id => ${tenant?.id})`;
  await sql`delete from auth.users where id = ${gone}`;
  const work = () => workJobs(sidecar, 'end_call', endCall);
  await work();
  expect(asked.map(({ body }) => body.room).toSorted()).toEqual(['broken', 'call-own']);
  await sql`update calls set room_name = 'call-mended' where id = ${callId}`;
  await makeAllDue(sidecar);
  await work();
  expect(asked.slice(2).map(({ body }) => body.room)).toEqual(['call-mended']);
});

test('calls of who was removed from a tenant are ended where they use its time, and nowhere else', async () => {
  const { sql } = sidecar.database;
  const [owner, member] = [await addPerson(sql), await addPerson(sql)];
  const [tenant] = await sql`select create_tenant(${owner}, 'Acme', 'a') -> 'tenant' ->> 'id' as id`;
  await sql`insert into tenant_members (tenant_id, user_id, role) values (${tenant?.id}, ${member}, 'member')`;
  await giveTime(sql, tenant?.id, 600);
  await openCall('call-of-their-own', member);
  await sql`select open_call(${randomUUID()}, ${member}, 'call-of-tenant', p_tenant_id => ${tenant?.id})`;
  await sql`select remove_member(${member}, ${tenant?.id}, ${member})`;
  await workJobs(sidecar, 'end_call', endCall);
  expect(asked.map(({ body }) => body.room)).toEqual(['call-of-tenant']);
});

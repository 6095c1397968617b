import { createHash, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { AccessToken, TokenVerifier } from 'livekit-server-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../support/database.ts';
import { codeOf, SIDECAR_KEYS, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let caller: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  caller = await sidecar.database.signUp();
  await sidecar.buy(caller);
});
afterAll(() => sidecar.close());

type Claims = {
  sub: string;
  exp: number;
  nbf: number;
  name?: string;
  metadata?: string;
  video: Record<string, unknown>;
  roomConfig: { name: string; agents: { agentName: string; metadata: string }[] } & Record<string, unknown>;
};

async function token(body: unknown = {}): Promise<Claims> {
  const answer = await sidecar.post('/token', { person: caller, body });
  expect(answer.status).toBe(201);
  const { server_url, participant_token } = answer.body as { server_url: string; participant_token: string };
  expect(server_url).toBe('ws://127.0.0.1:7880');
  await new TokenVerifier(SIDECAR_KEYS.livekitKey, SIDECAR_KEYS.livekitSecret).verify(participant_token);
  return decodeJwt(participant_token);
}

test('a token opens one new room, as the caller, with our agent in it', async () => {
  const claims = await token();
  const callId = String(claims.video.room).replace('call-', '');
  expect(callId).toMatch(/^[0-9a-f-]{36}$/);
  expect(claims).toMatchObject({
    iss: SIDECAR_KEYS.livekitKey,
    sub: `caller-${caller.id}`,
    roomConfig: { name: `call-${callId}`, departureTimeout: 60, emptyTimeout: 60, maxParticipants: 3 },
  });
  // Less than the minute before its end at which a standard client asks for another one.
  expect(claims.exp - claims.nbf).toBe(50);
  expect(claims.video).toEqual({
    room: `call-${callId}`,
    roomJoin: true,
    canPublish: true,
    canPublishSources: ['microphone'],
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: false,
  });
  expect(claims.roomConfig.agents).toHaveLength(1);
  const [agent] = claims.roomConfig.agents;
  expect(agent?.agentName).toBe('mindbot');
  expect(JSON.parse(agent?.metadata ?? '')).toEqual({ call_id: callId, user_id: caller.id });
});

test('what the client asks for makes no difference', async () => {
  const claims = await token({
    room_name: 'call-of-somebody-else',
    participant_identity: 'agent',
    participant_name: 'root',
    participant_metadata: '{"role":"operator"}',
    participant_attributes: { 'lk.agent.state': 'listening' },
    room_config: { agents: [{ agent_name: 'other' }], max_participants: 1000 },
    roomName: 'call-of-somebody-else',
  });
  expect(claims.video.room).toMatch(/^call-[0-9a-f-]{36}$/);
  expect(claims.sub).toBe(`caller-${caller.id}`);
  expect([claims.name, claims.metadata]).toEqual([undefined, undefined]);
  expect(claims.roomConfig.agents.map(({ agentName }) => agentName)).toEqual(['mindbot']);
  expect(claims.roomConfig).toMatchObject({ maxParticipants: 3 });
  expect(JSON.stringify(claims)).not.toContain('somebody-else');
});

test('every call has a room of its own, also without a body', async () => {
  const bare = await sidecar.post('/token', { person: caller });
  expect(bare.status).toBe(201);
  expect((await token()).video.room).not.toBe((await token()).video.room);
});

test('without time there is no call', async () => {
  const poor = await sidecar.database.signUp();
  const answer = await sidecar.post('/token', { person: poor, body: {} });
  expect([answer.status, codeOf(answer)]).toEqual([402, 'no_time_left']);
});

test('time that has expired counts for nothing, though the sweep has not come by', async () => {
  const late = await sidecar.database.signUp();
  await sidecar.buy(late);
  await sidecar.database
    .sql`update time_cards set expires_at = now() - interval '1 second' where user_id = ${late.id}`;
  const answer = await sidecar.post('/token', { person: late, body: {} });
  expect([answer.status, codeOf(answer)]).toEqual([402, 'no_time_left']);
  const balance = await sidecar.get(`/user/${late.id}/balance`, { person: late });
  expect(balance.body).toMatchObject({
    balance_seconds: 0,
    cards: [{ status: 'expired', remaining_seconds: 0, total_seconds: 3600 }],
  });
});

test('who owes is told so with their balance, and by the card that paid for it', async () => {
  const owing = await sidecar.database.signUp();
  const balance = async () => (await sidecar.get(`/user/${owing.id}/balance`, { person: owing })).body;
  const first = await sidecar.buy(owing);
  await sidecar.database.sql`select deduct_user_time(${owing.id}, 50)`;
  await sidecar.database
    .sql`select apply_payment(null, 'test', p.id, p.payment_intent_id, 'succeeded', p.received_cents, 0,
    p.currency, null, ${sidecar.database.sql.json([{ id: `re_${owing.id}`, amount_cents: 999, status: 'succeeded' }])},
    '[]', null) from purchases p where p.user_id = ${owing.id}`;
  expect(await balance()).toMatchObject({ balance_seconds: 0, debt_seconds: 3000 });
  await sidecar.buy(owing);
  const body = (await balance()) as { cards: { paid_debt_seconds: number }[] };
  expect(body).toMatchObject({ balance_seconds: 600, debt_seconds: 0 });
  expect(body.cards.map((card) => card.paid_debt_seconds).sort()).toEqual([0, 3000]);
  expect(first).toBeDefined();
});

async function openCall(person: Person, roomName: string): Promise<string> {
  const callId = randomUUID();
  const args = { p_call_id: callId, p_user_id: person.id, p_room_name: roomName };
  const { data } = await sidecar.database.service.rpc('open_call', args);
  expect(data).toMatchObject({ status: 'open' });
  return callId;
}

test('as many calls at once as are allowed, and no more', async () => {
  const busy = await sidecar.database.signUp();
  await sidecar.buy(busy);
  for (let i = 0; i < 4; i++) await openCall(busy, `busy-${i}`);
  const answer = await sidecar.post('/token', { person: busy, body: {} });
  expect([answer.status, codeOf(answer)]).toEqual([409, 'too_many_calls']);
  const balance = await sidecar.get(`/user/${busy.id}/balance`, { person: busy });
  expect(balance.body).toMatchObject({ balance_seconds: 3600, held_seconds: 120 });
});

test('as many tokens in a minute as are allowed, and then when to come again', async () => {
  const eager = await sidecar.database.signUp();
  await sidecar.buy(eager);
  for (let tokens = 0; tokens < 10; tokens++)
    expect((await sidecar.post('/token', { person: eager, body: {} })).status).toBe(201);
  const answer = await sidecar.post('/token', { person: eager, body: {} });
  expect([answer.status, codeOf(answer)]).toEqual([429, 'too_many_requests']);
  expect(answer.headers.get('retry-after')).toBe('60');
});

test('where no LiveKit is configured, calls are said to be impossible', async () => {
  const { LIVEKIT_API_SECRET: _, ...config } = sidecar.deps.config;
  const { createCallToken } = await import('../../webhook-server/calls/create-call-token.ts');
  await expect(createCallToken({ ...sidecar.deps, config }, caller.id, '127.0.0.1')).rejects.toMatchObject({
    code: 'calls_unavailable',
    status: 503,
  });
});

async function livekitWebhook(event: object, secret = SIDECAR_KEYS.livekitSecret, signedBody?: string) {
  const raw = JSON.stringify(event);
  const jwt = new AccessToken(SIDECAR_KEYS.livekitKey, secret);
  jwt.sha256 = createHash('sha256')
    .update(signedBody ?? raw)
    .digest('base64');
  const headers = { authorization: await jwt.toJwt(), 'content-type': 'application/webhook+json' };
  return sidecar.post('/webhooks/livekit', { raw, headers });
}

test('a room that is gone lets the reaper look sooner', async () => {
  const person = await sidecar.database.signUp();
  await sidecar.buy(person);
  const callId = await openCall(person, 'call-gone');
  const leaseSeconds = async () => {
    const [row] = await sidecar.database.sql`
      select extract(epoch from lease_expires_at - now())::float as s from voice_sessions where id = ${callId}`;
    return row?.s;
  };
  expect(await leaseSeconds()).toBeGreaterThan(40);
  expect((await livekitWebhook({ event: 'participant_left', room: { name: 'call-gone' } })).status).toBe(200);
  expect(await leaseSeconds()).toBeGreaterThan(40);
  expect((await livekitWebhook({ event: 'room_finished', room: { name: 'call-gone' } })).status).toBe(200);
  expect(await leaseSeconds()).toBeLessThan(16);
  expect((await livekitWebhook({ event: 'room_finished', room: { name: 'unknown' } })).status).toBe(200);
});

test('refuses what LiveKit did not sign', async () => {
  const event = { event: 'room_finished', room: { name: 'call-gone' } };
  const answers = [
    await livekitWebhook(event, 'the-secret-of-somebody-else-with-32-characters'),
    await livekitWebhook(event, SIDECAR_KEYS.livekitSecret, '{}'),
    await sidecar.post('/webhooks/livekit', { raw: JSON.stringify(event) }),
  ];
  for (const answer of answers) expect([answer.status, codeOf(answer)]).toEqual([401, 'not_signed_in']);
});

test('a running call is gone on with from another device, by its own person only, and nothing is begun', async () => {
  const { database } = sidecar;
  const open = async (roomName: (id: string) => string) => {
    const id = randomUUID();
    const args = { p_call_id: id, p_user_id: caller.id, p_room_name: roomName(id) };
    await database.service.rpc('open_call', args);
    return id;
  };
  const ask = (callId: string, person = caller) =>
    sidecar.post(`/user/${person.id}/calls/${callId}/token`, { person });
  const callId = await open((id) => `call-${id}`);
  const answer = await ask(callId);
  expect(answer.status).toBe(201);
  const claims: Claims = decodeJwt((answer.body as { participant_token: string }).participant_token);
  expect(claims).toMatchObject({
    sub: `caller-${caller.id}`,
    video: { room: `call-${callId}`, roomJoin: true },
  });
  expect(claims.roomConfig).toBeUndefined();

  const other = await database.signUp();
  expect(codeOf(await ask(callId, other))).toBe('not_found');
  expect(codeOf(await ask(randomUUID()))).toBe('not_found');
  const typed = await open((id) => `terminal-${id}`);
  expect(codeOf(await ask(typed))).toBe('call_mismatch');
  for (const id of [callId, typed]) {
    const end = { p_call_id: id, p_epoch: 1, p_used_ms: 0, p_end_reason: 'caller_hung_up' };
    await database.service.rpc('settle_call', end);
  }
  expect(codeOf(await ask(callId))).toBe('call_settled');
});

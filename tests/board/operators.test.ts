import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { formatActivationCode } from '../../shared/activation-codes/code.ts';
import { deriveActivationCode, hashActivationCode } from '../../shared/activation-codes/keyed-hash.ts';
import { businessResponse, voiceResponse } from '../../shared/api/board-figures.ts';
import {
  actsResponse,
  boardNowResponse,
  boardPersonResponse,
  disputesResponse,
  findPeopleResponse,
} from '../../shared/api/board-people.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { type Bank, buy, createBank, overSql } from '../time/bank.ts';
import { giveTime } from '../time/people.ts';

let sidecar: TestSidecar;
let bank: Bank;
let operator: Person;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  bank = createBank(overSql(sidecar.database.sql));
  operator = await sidecar.database.signUp();
  await sidecar.database.sql`update users set role = 'operator' where id = ${operator.id}`;
});
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
afterAll(async () => {
  await sidecar.expectSound();
  await sidecar.close();
});

const read = async (path: string) =>
  (await sidecar.get(`/operator/board/${path}`, { person: operator })).body;
const act = (path: string, body: object, by = operator) =>
  sidecar.post(`/operator/board/${path}`, { person: by, body });
const found = async (text: string) =>
  findPeopleResponse
    .parse(await read(`people?text=${encodeURIComponent(text)}`))
    .people.map(({ user_id, found_by }) => [user_id, found_by]);

test('a person is found by address, name and the id of anything of theirs, and nobody else is', async () => {
  const { sql } = sidecar.database;
  const giver = await sidecar.database.signUp();
  await sql`update users set display_name = 'Zoë_100% Müller', stripe_customer_id = 'cus_zoe' where id = ${person.id}`;
  const { cardId, intentId } = await buy(bank, person.id, 'starter');
  const gift = await buy(bank, giver.id, 'basic', 'gift');
  await bank.activate(person.id, gift.code);
  const callId = randomUUID();
  await bank.open(person.id, { callId });
  await bank.refund(intentId, 100);
  await bank.dispute(intentId, 'open', 50);
  expect(await found(person.email.slice(0, 20).toUpperCase())).toEqual([[person.id, 'e-mail']]);
  expect(await found('zoë_100%')).toEqual([[person.id, 'name']]);
  // Of a pattern nothing is left.
  expect(await found('zo__100')).toEqual([]);
  expect(await found('%')).toEqual([]);
  const byId = [person.id, callId, cardId, intentId, `re_${intentId}_0`, `dp_${intentId}`, 'cus_zoe'];
  const ways = ['person', 'call', 'purchase', 'payment', 'refund', 'dispute', 'customer'];
  for (const [index, id] of byId.entries()) expect(await found(id)).toEqual([[person.id, ways[index]]]);
  expect((await found(gift.cardId)).map(([id]) => id).toSorted()).toEqual([giver.id, person.id].toSorted());
  expect(await found(randomUUID())).toEqual([]);
  // A code is looked for by its hash, as everywhere.
  const key = sidecar.deps.config.ACTIVATION_CODE_KEY;
  const code = deriveActivationCode(key, gift.cardId);
  await sql`update activation_codes set code_hash = ${hashActivationCode(key, code)} where card_id = ${gift.cardId}`;
  const byCode = await found(formatActivationCode(code));
  expect(byCode.map(([, way]) => way).toSorted()).toEqual(['code', 'code given']);
});

test('one page has all about a person, and nothing of what they told', async () => {
  const { intentId } = await buy(bank, person.id, 'starter');
  const callId = randomUUID();
  await bank.open(person.id, { callId });
  await bank.settle(callId, 1, 5000);
  await sidecar.post(`/operator/users/${person.id}/goodwill`, {
    person: operator,
    body: { seconds: 60, reason: 'a bad line' },
    headers: { 'idempotency-key': randomUUID() },
  });
  const page = boardPersonResponse.parse(await read(`people/${person.id}`));
  expect(page).toMatchObject({
    person: { email: person.email, frozen_at: null },
    account: { balance_seconds: 3600 - 5 + 60, live_calls: 0 },
    cards: [{ source: 'goodwill' }, { source: 'paid' }],
    calls: [{ call_id: callId, charged_seconds: 5 }],
    purchases: [{ payment_intent_id: intentId, received_cents: 999, currency: 'usd' }],
    acts: [{ act: 'goodwill', reason: 'a bad line', operator_email: operator.email }],
  });
  expect(codeOf(await sidecar.get(`/operator/board/people/${randomUUID()}`, { person: operator }))).toBe(
    'not_found',
  );
});

test('on a frozen account nothing begins, and what is there stays', async () => {
  await giveTime(sidecar.database.sql, person.id, 600);
  const freeze = (is_frozen: boolean) =>
    act(`people/${person.id}/freeze`, { is_frozen, reason: 'stolen cards' });
  expect((await freeze(true)).body).toEqual({ status: 'frozen' });
  expect((await freeze(true)).body).toEqual({ status: 'frozen' });
  const begin = () =>
    sidecar.post('/create-payment-intent', {
      person,
      body: { package_id: 'starter', for: 'me' },
      headers: { 'idempotency-key': randomUUID() },
    });
  expect(codeOf(await begin())).toBe('account_frozen');
  expect(codeOf(await sidecar.post('/token', { person, body: {} }))).toBe('account_frozen');
  expect(await sidecar.balanceOf(person)).toBe(600);
  // But they may ask why, and take back what they agreed to.
  const help = { about: 'account', message: 'Why am I frozen?' };
  const headers = { 'idempotency-key': randomUUID() };
  const own = `/user/${person.id}`;
  expect((await sidecar.post(`${own}/support`, { person, body: help, headers })).status).toBe(201);
  expect((await sidecar.post(`${own}/auto-top-up/disable`, { person, body: {} })).status).toBe(200);
  expect((await sidecar.delete(`${own}/memories`, { person })).status).toBe(200);
  // Nor behind the page's back: an agent that has a token from before, a top-up, a code.
  await expect(bank.open(person.id)).rejects.toMatchObject({ code: 'PT423' });
  await expect(bank.begin(person.id, 'starter')).rejects.toMatchObject({ code: 'PT423' });
  const gift = await buy(bank, operator.id, 'starter', 'gift');
  await expect(bank.activate(person.id, gift.code)).rejects.toMatchObject({ code: 'PT423' });
  expect((await freeze(false)).body).toEqual({ status: 'free' });
  expect((await begin()).status).toBe(201);
  const { acts } = boardPersonResponse.parse(await read(`people/${person.id}`));
  expect(acts.map(({ act }) => act)).toEqual(['unfreeze', 'freeze']);
});

test('whoever is erased is gone but for the books, and the reason stays', async () => {
  await buy(bank, person.id, 'starter');
  const nobody = await sidecar.database.signUp();
  for (const { id } of [person, nobody])
    expect((await act(`people/${id}/erase`, { reason: 'asked by letter' })).body).toEqual({ status: 'done' });
  expect(codeOf(await act(`people/${person.id}/erase`, { reason: 'again' }))).toBe('not_found');
  expect(boardPersonResponse.parse(await read(`people/${person.id}`))).toMatchObject({
    person: { email: null },
    purchases: [{ received_cents: 999 }],
    acts: [{ act: 'erase', reason: 'asked by letter' }],
  });
  expect(await found(nobody.email)).toEqual([]);
});

test('nobody acts about themselves, without a reason, or without being an operator', async () => {
  const callId = randomUUID();
  await giveTime(sidecar.database.sql, operator.id, 600);
  await bank.open(operator.id, { callId });
  const acts: [path: string, body: object][] = [
    [`people/${operator.id}/freeze`, { is_frozen: true, reason: 'mine' }],
    [`people/${operator.id}/erase`, { reason: 'mine' }],
    [`calls/${callId}/end`, { reason: 'mine' }],
  ];
  for (const [path, body] of acts) {
    expect(codeOf(await act(path, body))).toBe('forbidden');
    expect(codeOf(await act(path, { ...body, reason: ' ' }))).toBe('invalid_request');
    expect(codeOf(await act(path, body, person))).toBe('forbidden');
  }
  for (const path of ['now', 'acts', 'disputes', 'people?text=a', `people/${person.id}`])
    expect(codeOf(await sidecar.get(`/operator/board/${path}`, { person }))).toBe('forbidden');
  await bank.settle(callId, 1, 0);
});

test('now: live calls with what is left to each, what waits for a person, and a call is ended with a reason', async () => {
  await giveTime(sidecar.database.sql, person.id, 600);
  const [callId, other] = [randomUUID(), randomUUID()];
  await bank.open(person.id, { callId, slice: 60 });
  await bank.open(person.id, { callId: other, slice: 30 });
  await bank.renew(callId, 1, 20_000);
  await sidecar.database
    .sql`update holds set lease_expires_at = now() - interval '5 seconds' where id = ${other}`;
  const now = boardNowResponse.parse(await read('now'));
  expect(now.calls.find(({ call_id }) => call_id === callId)).toMatchObject({
    email: person.email,
    used_seconds: 20,
    // Of 600, 20 are used and 30 held by the other call.
    left_seconds: 550,
    is_silent: false,
  });
  expect(now.alarms).toContainEqual(expect.objectContaining({ alarm: 'calls_silent', count: 1 }));
  expect(now.health.database).toBe('ok');
  expect((await act(`calls/${callId}/end`, { reason: 'abuse' })).body).toEqual({ status: 'done' });
  expect(codeOf(await act(`calls/${randomUUID()}/end`, { reason: 'abuse' }))).toBe('not_found');
  await bank.settle(callId, 1, 21_000);
  expect(codeOf(await act(`calls/${callId}/end`, { reason: 'abuse' }))).toBe('call_settled');
  const { acts } = actsResponse.parse(await read('acts?limit=1'));
  expect(acts).toMatchObject([
    { act: 'end_call', subject: callId, reason: 'abuse', operator_email: operator.email },
  ]);
  await sidecar.database.service.rpc('reap_calls', {});
});

test('a dispute is listed with what was used of what was bought', async () => {
  const { intentId } = await buy(bank, person.id, 'starter');
  const callId = randomUUID();
  await bank.open(person.id, { callId });
  await bank.settle(callId, 1, 30_000);
  await bank.dispute(intentId, 'open', 999);
  const { disputes } = disputesResponse.parse(await read('disputes?status=open'));
  expect(disputes.find(({ user_id }) => user_id === person.id)).toMatchObject({
    reason: 'fraudulent',
    amount_cents: 999,
    evidence: { sold_seconds: 3600, used_seconds: 30, calls: 1, frozen_seconds: 3570 },
  });
});

test('figures of a range, with what happened a moment ago; a range that is none is refused', async () => {
  const now = Date.now();
  const range = (fromHours: number, step = 'hour') =>
    `from=${new Date(now - fromHours * 3_600_000).toISOString()}&to=${new Date(now + 3_600_000).toISOString()}&step=${step}`;
  const before = businessResponse.parse(await read(`business?${range(2)}`));
  const sum = ({ money }: typeof before) => money.reduce((cents, row) => cents + row.received_cents, 0);
  await buy(bank, person.id, 'starter');
  const callId = randomUUID();
  await bank.open(person.id, { callId });
  await bank.settle(callId, 1, 10_000);
  const after = businessResponse.parse(await read(`business?${range(2)}&zone=Europe/Berlin&basis=happened`));
  expect(sum(after) - sum(before)).toBe(999);
  expect(after.people.in_range.active).toBe(before.people.in_range.active + 1);
  voiceResponse.parse(await read(`voice?${range(48, 'day')}`));
  expect((await read(`calls?${range(2).replace('&step=hour', '')}&order=errors`)) as object).toMatchObject({
    calls: expect.arrayContaining([expect.objectContaining({ call_id: callId })]),
  });
  for (const bad of [range(300), range(2).replace('from=', 'from=x'), `${range(2)}&zone=Nowhere`])
    expect((await sidecar.get(`/operator/board/business?${bad}`, { person: operator })).status).toBe(400);
});

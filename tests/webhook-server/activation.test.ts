import { afterAll, beforeAll, expect, test } from 'vitest';
import { deriveActivationCode, hashAddress } from '../../shared/activation-codes/keyed-hash.ts';
import { readPurchaseFacts } from '../../webhook-server/notices/purchase-facts.ts';
import type { Person } from '../support/database.ts';
import { codeOf, SIDECAR_KEYS, startSidecar, type TestSidecar, until } from '../support/sidecar.ts';

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startSidecar({ config: { PROXIES_IN_FRONT: 1 } });
});
afterAll(() => sidecar.close());

async function giftsOf(buyer: Person) {
  const answer = await sidecar.get(`/user/${buyer.id}/gifts`, { person: buyer });
  expect(answer.status).toBe(200);
  return (answer.body as { gifts: { activation_code: string; status: string }[] }).gifts;
}

async function buyGift(): Promise<{ buyer: Person; code: string }> {
  const buyer = await sidecar.database.signUp();
  const { payment_intent_id } = await sidecar.begin(buyer, 'basic', 'gift');
  await sidecar.pay(payment_intent_id);
  await until(async () => (await giftsOf(buyer)).length === 1);
  return { buyer, code: (await giftsOf(buyer))[0]?.activation_code ?? '' };
}

let lastAddress = 0;
const newAddress = () => `192.0.2.${++lastAddress}`;
/** Each from an address of its own, unless one is given. */
const activate = (person: Person, code: string, from = newAddress()) =>
  sidecar.post('/activate', { person, body: { code }, headers: { 'x-forwarded-for': from } });

/** A code that passes its own check but belongs to no card. */
const validUnknown = (n: number) => deriveActivationCode('a key that signs no cards', `card ${n}`);

test('a gift reaches a friend, and its buyer sees that', async () => {
  const { buyer, code } = await buyGift();
  expect(code).toMatch(/^\w{4}-\w{4}-\w{4}$/);
  expect(await sidecar.balanceOf(buyer)).toBe(0);
  const friend = await sidecar.database.signUp();
  const answer = await activate(friend, ` ${code.toLowerCase().replaceAll('-', ' ')}`);
  expect(answer).toMatchObject({
    status: 200,
    body: { balance_seconds: 19_800, card: { source: 'gift', status: 'active', remaining_seconds: 19_800 } },
  });
  expect((await giftsOf(buyer))[0]?.status).toBe('activated');
  const repeat = await activate(friend, code);
  expect(repeat.status).toBe(409);
  expect(repeat.text).toContain('in your balance');
  const [stored] = await sidecar.database.sql`select count(*)::int as n from activation_codes
    where position(${code.replaceAll('-', '')} in code_hash) > 0`;
  expect(stored?.n).toBe(0);
  await sidecar.expectSound();
});

// Most of the time goes into signing up.
test('64 people with one code at once: one wins', async () => {
  const { code } = await buyGift();
  const people = await Promise.all(Array.from({ length: 64 }, () => sidecar.database.signUp()));
  // On a busy machine the database may have no answer in time: then the request is made again, as a page would.
  const activatePatiently = async (person: Person): ReturnType<typeof activate> => {
    const answer = await activate(person, code);
    return answer.status === 503 ? activatePatiently(person) : answer;
  };
  const answers = await Promise.all(people.map(activatePatiently));
  const won = answers.filter(({ status }) => status === 200).length;
  expect(won).toBeLessThanOrEqual(1);
  expect(answers.filter((answer) => codeOf(answer) === 'code_used')).toHaveLength(64 - won);
  const owners = await sidecar.database
    .sql`select from time_cards where user_id in ${sidecar.database.sql(people.map(({ id }) => id))}`;
  expect(owners).toHaveLength(1);
  await sidecar.expectSound();
});

test('a slip costs no attempt, and ten unknown codes are enough', async () => {
  const person = await sidecar.database.signUp();
  const { code } = await buyGift();
  const slip = code.slice(0, -1) + (code.endsWith('2') ? '3' : '2');
  for (let i = 0; i < 12; i++) {
    const answer = await activate(person, slip);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'mistyped_code']);
  }
  const [attempts] = await sidecar.database
    .sql`select count(*)::int as n from activation_attempts where user_id = ${person.id}`;
  expect(attempts?.n).toBe(0);

  for (let i = 0; i < 10; i++) expect(codeOf(await activate(person, validUnknown(i)))).toBe('unknown_code');
  const stopped = await activate(person, code);
  expect([stopped.status, codeOf(stopped)]).toEqual([429, 'too_many_attempts']);
});

const guess = async (n: number, from: string) =>
  codeOf(await activate(await sidecar.database.signUp(), validUnknown(n), from));

test('thirty wrong codes from one address close it for everybody there, whether a code exists or not', async () => {
  const { code } = await buyGift();
  const here = newAddress();
  const people = await Promise.all(Array.from({ length: 5 }, () => sidecar.database.signUp()));
  const guesses = Array.from({ length: 45 }, (_, n) =>
    activate(people[n % 5] ?? (people[0] as Person), validUnknown(n), here),
  );
  const answers = (await Promise.all(guesses)).map(codeOf);
  expect(answers.filter((answer) => answer === 'unknown_code')).toHaveLength(30);
  expect(answers.filter((answer) => answer === 'too_many_attempts')).toHaveLength(15);
  const newcomer = await sidecar.database.signUp();
  const [real, unreal] = [
    await activate(newcomer, code, here),
    await activate(newcomer, validUnknown(1), here),
  ];
  expect([real.status, codeOf(real)]).toEqual([429, 'too_many_attempts']);
  expect({ ...(unreal.body as { error: object }).error, request_id: '' }).toEqual({
    ...(real.body as { error: object }).error,
    request_id: '',
  });
  expect((await activate(newcomer, code)).status).toBe(200);
});

test('what a client says of its own address counts for nothing', async () => {
  const here = newAddress();
  for (let n = 0; n < 30; n++) await guess(n, `203.0.113.${n}, ${here}`);
  expect(await guess(30, `203.0.113.30, ${here}`)).toBe('too_many_attempts');
  expect(await guess(31, here)).toBe('too_many_attempts');
});

test('all of an IPv6 network is one address', async () => {
  for (let n = 0; n < 30; n++) await guess(n, `2001:db8:1:${n.toString(16)}::1`);
  expect(await guess(30, '2001:db8:1:99::7')).toBe('too_many_attempts');
  expect(await guess(31, '2001:db8:2::1')).toBe('unknown_code');
});

test('the address is stored nowhere, and its hash is forgotten after an hour', async () => {
  const here = newAddress();
  await guess(1, here);
  const { sql } = sidecar.database;
  const hash = hashAddress(SIDECAR_KEYS.activationCodeKey, here);
  const rows = await sql`select failed_count from activation_addresses where address_hash = ${hash}`;
  expect([...rows]).toEqual([{ failed_count: 1 }]);
  const forget = async () => (await sql`select forget_activation_addresses() as n`)[0]?.n;
  expect(await forget()).toBe(0);
  await sql`update activation_addresses set failed_count = 30, forget_at = now() where address_hash = ${hash}`;
  expect(await guess(2, here)).toBe('unknown_code');
  await sql`update activation_addresses set forget_at = now() where address_hash = ${hash}`;
  expect(await forget()).toBe(1);
});

test('a gift brings the words of its giver', async () => {
  const buyer = await sidecar.database.signUp();
  const body = { package_id: 'basic', for: 'gift', message: ' I <3 you & "yours" ', recipient_name: 'Zoë' };
  const key = { 'idempotency-key': 'with words' };
  const begin = (more: object) =>
    sidecar.post('/create-payment-intent', { person: buyer, body: { ...body, ...more }, headers: key });
  const { payment_intent_id } = (await begin({})).body as { payment_intent_id: string };
  expect((await begin({})).body).toMatchObject({ payment_intent_id });
  expect(codeOf(await begin({ message: 'other words' }))).toBe('idempotency_key_reused');
  await sidecar.pay(payment_intent_id);
  await until(async () => (await giftsOf(buyer)).length === 1);
  const words = { message: 'I <3 you & "yours"', recipient_name: 'Zoë' };
  const [gift] = await giftsOf(buyer);
  expect(gift).toMatchObject(words);
  const friend = await sidecar.database.signUp();
  const answer = await activate(friend, gift?.activation_code ?? '');
  expect(answer).toMatchObject({ status: 200, body: { gift: words } });
  const { code } = await buyGift();
  expect((await activate(friend, code)).body).toMatchObject({ gift: null });
});

test('marks of direction and brackets that only look like some do not travel with a gift', async () => {
  const buyer = await sidecar.database.signUp();
  const begin = (message: string, key: string) =>
    sidecar.post('/create-payment-intent', {
      person: buyer,
      body: { package_id: 'basic', for: 'gift', message, recipient_name: 'Zo\u202eë\u2069' },
      headers: { 'idempotency-key': key },
    });
  const { body } = await begin('\u2066I \uff1c3 you\u202e, \u{1f469}\u200d\u{1f680}\u0007\u00ad!', 'turned');
  await sidecar.pay((body as { payment_intent_id: string }).payment_intent_id);
  await until(async () => (await giftsOf(buyer)).length === 1);
  const words = { message: 'I <3 you, \u{1f469}\u200d\u{1f680}!', recipient_name: 'Zoë' };
  expect((await giftsOf(buyer))[0]).toMatchObject(words);
  // What was kept before is sent no other way.
  const [row] = await sidecar.database.sql`update purchases set gift_message = ${'a\u202eb \u2039b\u203a'}
    where user_id = ${buyer.id} returning id`;
  const facts = await readPurchaseFacts(sidecar.database.service, String(row?.id));
  expect(facts).toMatchObject({ giftMessage: 'ab <b>', giftRecipient: 'Zoë' });
  expect(codeOf(await begin('\u2039img src=x\u203a', 'markup'))).toBe('invalid_request');
  const nothing = await begin('\u202e\u2069 ', 'nothing');
  expect(codeOf(nothing)).toBe('invalid_request');
  expect(nothing.body).toMatchObject({ error: { message: 'message: must hold something that is seen' } });
  expect(codeOf(await begin('a\0b', 'nul'))).toBe('invalid_request');
});

test.each([
  ['markup', { for: 'gift', message: 'hello <img src=x onerror=alert(1)>' }],
  ['a closing tag', { for: 'gift', recipient_name: 'Zoë</b>' }],
  ['nothing', { for: 'gift', message: '  ' }],
  ['too much', { for: 'gift', message: 'x'.repeat(301) }],
  ['words to oneself', { for: 'me', message: 'well done' }],
])('no purchase begins with %s for a message', async (_what, words) => {
  const person = await sidecar.database.signUp();
  const body = { package_id: 'basic', ...words };
  const answer = await sidecar.post('/create-payment-intent', {
    person,
    body,
    headers: { 'idempotency-key': 'no words' },
  });
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
});

test('a used code says so', async () => {
  const { code } = await buyGift();
  await activate(await sidecar.database.signUp(), code);
  const late = await activate(await sidecar.database.signUp(), code);
  expect([late.status, codeOf(late)]).toEqual([409, 'code_used']);
});

test('refuses what is no code at all', async () => {
  const person = await sidecar.database.signUp();
  for (const body of [
    {},
    { code: 5 },
    { code: '' },
    { code: 'x'.repeat(4001) },
    { code: validUnknown(0), extra: 1 },
  ]) {
    const answer = await sidecar.post('/activate', { person, body });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
  }
});

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deletionResponse, deletionTermsResponse } from '../../shared/api/own-data.ts';
import { detachCards } from '../../webhook-server/saved-cards/detach-cards.ts';
import { PASSWORD, type Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { type Bank, createBank, overSql } from '../time/bank.ts';
import { giveTime } from '../time/people.ts';

let sidecar: TestSidecar;
let bank: Bank;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar();
  bank = createBank(overSql(sidecar.database.sql));
});
afterAll(() => sidecar.close());
beforeEach(async () => {
  person = await sidecar.database.signUp();
});
afterEach(() => sidecar.expectSound());

async function talk(by: Person, ms = 5_000): Promise<string> {
  const callId = randomUUID();
  await bank.open(by.id, { callId });
  await bank.settle(callId, 1, ms);
  return callId;
}
const exportOf = (of: Person, by = of) => sidecar.get(`/user/${of.id}/export`, { person: by });

describe('an export', () => {
  test('holds all that is kept of a person, and nothing of anybody else', async () => {
    const other = await sidecar.database.signUp();
    const { sql } = sidecar.database;
    for (const one of [person, other]) {
      await sidecar.buy(one);
      const callId = await talk(one);
      await sidecar.put(`/user/${one.id}/calls/${callId}/rating`, {
        person: one,
        body: { score: 4, words: one.id },
      });
      await sql`select remember_facts(${callId}, ${one.id}, ${sql.json([{ text: 'likes tea', kind: 'fact' }])})`;
      await sql`select write_settings(${one.id}, 'de-DE')`;
      await sidecar.post(`/user/${one.id}/support`, {
        person: one,
        body: { about: 'call', about_id: callId, message: `Of ${one.id}.` },
        headers: { 'idempotency-key': randomUUID() },
      });
    }
    const answer = await exportOf(person);
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename=mindbot-\d{4}-\d\d-\d\d\.json$/,
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({
      account: { user_id: person.id, email: person.email, balance_seconds: 3595 },
      settings: { locale: 'de-DE' },
      automatic_top_up: { status: 'not_set' },
      cards: [{ source: 'paid', remaining_seconds: 3595 }],
      ledger: [
        { reason: 'grant', seconds: 3600 },
        { reason: 'use', seconds: -5 },
      ],
      calls: [{ charged_seconds: 5, receipt: { number: 1 }, rating: { score: 4 } }],
      purchases: [{ amount_cents: 999, status: 'succeeded', refunds: [] }],
      memories: [{ text: 'likes tea' }],
      support_requests: [{ message: `Of ${person.id}.` }],
      usage: [{ kind: 'voice_second', quantity: 5, unit: 'second', price_micros: null }],
    });
    expect(answer.text).not.toContain(other.id);
    expect(answer.text).not.toContain(other.email);
    expect((await exportOf(other, person)).status).toBe(403);
  });

  test('is whole however much there is: each entry once, in order', async () => {
    await giveTime(sidecar.database.sql, person.id, 100_000);
    await sidecar.database.sql`insert into ledger (account_id, unit, reason, amount, key, created_at)
      select ${person.id}, 'second', 'debt_payment', case when n % 2 = 0 then 1 else -1 end, ${person.id} || n,
        now() + make_interval(secs => n / 3) from generate_series(1, 1500) n`;
    const { ledger } = (await exportOf(person)).body as { ledger: { seconds: number; created_at: string }[] };
    expect(ledger).toHaveLength(1501);
    const times = ledger.map(({ created_at }) => created_at);
    expect(times.toSorted()).toEqual(times);
  });
});

const termsOf = async (of = person) =>
  deletionTermsResponse.parse((await sidecar.get(`/user/${of.id}/deletion`, { person: of })).body);
const remove = (body: object = {}, by = person, of = by) =>
  sidecar.post(`/user/${of.id}/deletion`, {
    person: by,
    body: { email: by.email, password: PASSWORD, forfeit_seconds: 0, ...body },
  });
const rowOf = async (id: string) =>
  (
    await sidecar.database.sql`select email, deleted_at is not null as deleted from users where id = ${id}`
  )[0];

describe('a person deletes their account', () => {
  test('with the time that is left, once they agree to lose it; and the books stay, without a name', async () => {
    await sidecar.buy(person);
    await talk(person, 600_000).catch(() => undefined);
    const { remaining_seconds } = await termsOf();
    expect(remaining_seconds).toBeGreaterThan(0);
    const refused = await remove();
    expect([refused.status, codeOf(refused)]).toEqual([409, 'forfeit_not_agreed']);
    expect(refused.text).toContain(`forfeit_seconds: ${remaining_seconds}`);
    expect(await rowOf(person.id)).toMatchObject({ email: person.email, deleted: false });
    const answer = await remove({ forfeit_seconds: remaining_seconds });
    expect(deletionResponse.parse(answer.body)).toEqual({
      status: 'deleted',
      forfeited_seconds: remaining_seconds,
    });
    expect(await rowOf(person.id)).toEqual({ email: null, deleted: true });
    const [account] = await sidecar.database
      .sql`select balance_seconds::int as left from time_accounts where user_id = ${person.id}`;
    expect(account?.left).toBe(0);
    const again = await person.client.from('purchases').select('id');
    expect(again.data ?? []).toEqual([]);
  });

  test.each([
    ['another e-mail address', { email: 'else@example.com' }, 400],
    ['no password', { password: undefined }, 400],
    ['a wrong password', { password: 'not this one' }, 403],
    ['a negative sum', { forfeit_seconds: -1 }, 400],
  ])('not with %s', async (_what, body, status) => {
    expect((await remove(body)).status).toBe(status);
    expect(await rowOf(person.id)).toMatchObject({ deleted: false });
  });

  test('not by guessing passwords', async () => {
    for (let guess = 1; guess <= 5; guess++)
      expect((await remove({ password: `guess ${guess}` })).status).toBe(403);
    expect(codeOf(await remove())).toBe('too_many_requests');
    expect(await rowOf(person.id)).toMatchObject({ deleted: false });
  });

  test('not for somebody else', async () => {
    const other = await sidecar.database.signUp();
    expect((await remove({}, person, other)).status).toBe(403);
  });

  test('who has no password needs none', async () => {
    await sidecar.database.sql`update auth.users set encrypted_password = null where id = ${person.id}`;
    expect(await termsOf()).toMatchObject({ needs_password: false });
    expect((await remove({ password: undefined })).status).toBe(200);
    expect(await rowOf(person.id)).toBeUndefined();
  });

  test('not in the middle of a call: it is ended, and settled first', async () => {
    await giveTime(sidecar.database.sql, person.id, 100);
    const callId = randomUUID();
    await bank.open(person.id, { callId });
    expect(await termsOf()).toMatchObject({ live_calls: 1 });
    const settling = new Promise((resolve) => setTimeout(resolve, 500)).then(() =>
      bank.settle(callId, 1, 7_000),
    );
    const answer = await remove({ forfeit_seconds: 100 });
    await settling;
    expect(answer.body).toMatchObject({ forfeited_seconds: 93 });
  });

  test('automatic top-up is off, and what they had kept at Stripe to pay with is removed', async () => {
    await sidecar.buy(person);
    const [{ customer }] = (await sidecar.database
      .sql`select stripe_customer_id as customer from users where id = ${person.id}`) as unknown as [
      { customer: string },
    ];
    const method = await sidecar.stripe.paymentMethods.attach('pm_card_visa', { customer });
    await sidecar.database.sql`select set_auto_top_up(${person.id}, 'starter', 600, 5000, ${method.id})`;
    await remove({ forfeit_seconds: 3600 });
    const [row] = await sidecar.database
      .sql`select count(*)::int as n from private.auto_top_ups where user_id = ${person.id}`;
    expect(row?.n).toBe(0);
    const [job] = await sidecar.database.sql`select id, singleton_key as key, data as payload from pgboss.job
      where name = 'detach_cards' and data ->> 'customer_id' = ${customer}`;
    const { id, key, payload } = job as { id: string; key: string; payload: object };
    expect(await detachCards(sidecar.deps, { id, key, payload, attempt: 1, ageSeconds: 1 })).toBe('done');
    expect((await sidecar.stripe.paymentMethods.list({ customer })).data).toEqual([]);
    expect(await detachCards(sidecar.deps, { id, key, payload, attempt: 2, ageSeconds: 1 })).toBe('none');
  });

  test('money that comes back for time that was given up is owed by nobody', async () => {
    const intentId = await sidecar.buy(person);
    await remove({ forfeit_seconds: 3600 });
    await sidecar.stripe.refunds.create({ payment_intent: intentId });
    const [event] = await sidecar.events('refund.created');
    if (event !== undefined) await sidecar.deliver(event);
    const [account] = await sidecar.database
      .sql`select debt_seconds::int as debt from time_accounts where user_id = ${person.id}`;
    expect(account?.debt).toBe(0);
  });
});

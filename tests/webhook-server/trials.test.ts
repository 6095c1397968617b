import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimTrialResponse } from '../../shared/api/trials.ts';
import { claimTrial } from '../../webhook-server/trials/claim-trial.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { createBank, overSql } from '../time/bank.ts';
import { giveTime } from '../time/people.ts';

let sidecar: TestSidecar;
let person: Person;
beforeAll(async () => {
  sidecar = await startSidecar({
    config: { TRIAL_MINUTES: 10, TRIAL_VALID_DAYS: 7, TRIALS_PER_ADDRESS: 2, TRIALS_PER_DAY: 1000 },
  });
});
afterAll(() => sidecar.close());
beforeEach(async () => {
  person = await sidecar.database.signUp();
  await sidecar.database.sql`update private.trials set address_hash = null`;
});
afterEach(async () => {
  sidecar.deps.config.TRIALS_PER_DAY = 1000;
  await sidecar.expectSound();
});

const path = (of: Person) => `/user/${of.id}/trial`;
const claim = (by = person) => sidecar.post(path(by), { person: by });
const statusOf = async (by = person) => (await sidecar.get(path(by), { person: by })).body;
const refusal = async (by = person) => {
  const answer = await claim(by);
  return [answer.status, codeOf(answer)];
};

test('a new person gets free minutes, as a card that ends soon and is used first', async () => {
  const offer = { seconds: 600, valid_days: 7 };
  expect(await statusOf()).toEqual({ status: 'open', offer });
  expect((await sidecar.get('/pricing')).body).toMatchObject({ trial: offer });
  const answer = await claim();
  expect(answer.status).toBe(201);
  const { card, balance_seconds, replayed } = claimTrialResponse.parse(answer.body);
  expect([card.source, card.total_seconds, balance_seconds, replayed]).toEqual(['trial', 600, 600, false]);
  const days = (Date.parse(card.expires_at ?? '') - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(7);
  expect(await statusOf()).toEqual({ status: 'claimed', offer });
  // A card that ends before it, and still comes after it.
  const bank = createBank(overSql(sidecar.database.sql));
  await sidecar.buy(person);
  await sidecar.database.sql`update time_cards set expires_at = now() + interval '1 day'
    where user_id = ${person.id} and source = 'paid'`;
  await bank.deduct(person.id, 10);
  const { cards } = (await sidecar.get(`/user/${person.id}/balance`, { person })).body as {
    cards: { source: string; remaining_seconds: number }[];
  };
  expect(cards.map(({ source, remaining_seconds }) => [source, remaining_seconds]).toSorted()).toEqual([
    ['paid', 3600],
    ['trial', 0],
  ]);
});

test('asked for ten times at once it is given once, and a repeat answers the same card', async () => {
  const bodies = (await Promise.all(Array.from({ length: 10 }, () => claim()))).map(({ body }) =>
    claimTrialResponse.parse(body),
  );
  expect(new Set(bodies.map(({ card }) => card.id)).size).toBe(1);
  expect(bodies.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await sidecar.balanceOf(person)).toBe(600);
});

describe('it is refused', () => {
  test('to an e-mail address that nobody has confirmed', async () => {
    await sidecar.database.sql`update auth.users set email_confirmed_at = null where id = ${person.id}`;
    expect(await statusOf()).toMatchObject({ status: 'not_confirmed' });
    expect(await refusal()).toEqual([403, 'forbidden']);
  });

  test('to who has bought', async () => {
    await sidecar.buy(person);
    expect(await statusOf()).toMatchObject({ status: 'not_new' });
    expect(await refusal()).toEqual([409, 'trial_unavailable']);
  });

  test('to who has talked on time that was given, a second or more', async () => {
    const bank = createBank(overSql(sidecar.database.sql));
    await giveTime(sidecar.database.sql, person.id, 60);
    const call = async (usedMs: number) => {
      const callId = randomUUID();
      await bank.open(person.id, { callId });
      await bank.settle(callId, 1, usedMs, 'caller_hung_up');
    };
    await call(900);
    expect(await statusOf()).toMatchObject({ status: 'open' });
    await call(1_000);
    expect(await statusOf()).toMatchObject({ status: 'not_new' });
    expect(await refusal()).toEqual([409, 'trial_unavailable']);
  });

  test('to the same e-mail address again, however it is written, also after the account was deleted', async () => {
    const [name, host] = person.email.split('@');
    await claim();
    await sidecar.database.sql`delete from auth.users where id = ${person.id}`;
    for (const email of [person.email, `${name}+again@${host}`, `${name?.toUpperCase()}@${host}`]) {
      const again = await sidecar.database.signUp(email);
      expect(await statusOf(again)).toMatchObject({ status: 'had_one' });
      expect(await refusal(again)).toEqual([409, 'trial_unavailable']);
      await sidecar.database.sql`delete from auth.users where id = ${again.id}`;
    }
  });

  test('to more people of one address than are allowed, also when they ask at once', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => sidecar.database.signUp()));
    const answers = await Promise.all(people.map(refusal));
    expect(answers.filter(([status]) => status === 201)).toHaveLength(2);
    expect(await statusOf()).toMatchObject({ status: 'address_had_enough' });
    // After 30 days the address is forgotten.
    await sidecar.database.sql`update private.trials set claimed_at = claimed_at - interval '31 days'`;
    expect(await statusOf()).toMatchObject({ status: 'open' });
    await sidecar.database.sql`select forget_trial_addresses()`;
    const [kept] = await sidecar.database
      .sql`select count(*)::int as n from private.trials where address_hash is not null`;
    expect(kept?.n).toBe(0);
  });

  test('when all of the day are given, whatever address they came from', async () => {
    await sidecar.database.sql`update private.trials set claimed_at = now() - interval '2 days'`;
    sidecar.deps.config.TRIALS_PER_DAY = 3;
    const people = await Promise.all(Array.from({ length: 8 }, () => sidecar.database.signUp()));
    const claims = people.map(({ id }, index) =>
      claimTrial(sidecar.deps, { userId: id, address: `192.0.2.${index}` }).then(
        () => 'given',
        (error: Error) => error.message,
      ),
    );
    const outcomes = await Promise.all(claims);
    expect(outcomes.filter((outcome) => outcome === 'given')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome.startsWith('All free minutes of today'))).toHaveLength(5);
    expect(await statusOf()).toMatchObject({ status: 'day_is_over' });
  });

  test('to everybody where it is not switched on, and to anybody for somebody else', async () => {
    const { config } = sidecar.deps;
    config.TRIAL_MINUTES = 0;
    expect(await statusOf()).toEqual({ status: 'off', offer: null });
    expect(await refusal()).toEqual([409, 'trial_unavailable']);
    config.TRIAL_MINUTES = 10;
    const other = await sidecar.database.signUp();
    expect((await sidecar.post(path(other), { person })).status).toBe(403);
    await sidecar.database.sql`update auth.users set deleted_at = now() where id = ${other.id}`;
    const args = { p_user_id: other.id, p_seconds: 600, p_valid_days: 7, p_per_address: 9, p_per_day: 9 };
    const hashes = { p_email_hash: 'a'.repeat(64), p_address_hash: 'b'.repeat(64) };
    expect((await sidecar.database.service.rpc('claim_trial', { ...args, ...hashes })).data).toEqual({
      status: 'unknown_user',
    });
  });
});

test('neither address is stored', async () => {
  await claim();
  const [row] = await sidecar.database
    .sql`select to_jsonb(t)::text as text from private.trials t where user_id = ${person.id}`;
  expect(row?.text).not.toContain(person.email);
  expect(row?.text).not.toContain('127.0.0.1');
});

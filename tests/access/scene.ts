import { randomUUID } from 'node:crypto';
import { createTestDatabase, type Person, type TestDatabase } from '../support/database.ts';
import { buy, codeHash, createBank, overHttp } from '../time/bank.ts';
import { giveTime } from '../time/people.ts';

export type Scene = {
  db: TestDatabase;
  victim: Person;
  attacker: Person;
  callId: string;
  cardId: string;
  secrets: string[];
};

/** A length of time that no other number looks like. */
const PECULIAR_SECONDS = 7_654_321;

/** A victim with time, a gift, a live call and a finished one, and an attacker who signed up like everybody. */
export async function createScene(): Promise<Scene> {
  const db = await createTestDatabase();
  const victim = await db.signUp();
  const attacker = await db.signUp();
  const bank = createBank(overHttp(db.service));
  const callId = randomUUID();
  const cardId = await giveTime(db.sql, victim.id, PECULIAR_SECONDS);
  const { intentId } = await buy(bank, victim.id, 'starter');
  const gift = await buy(bank, victim.id, 'basic', 'gift');
  await bank.activate(victim.id, 'a guess');
  await bank.open(victim.id, { callId, room: 'room-of-the-victim' });
  const past = randomUUID();
  await bank.open(victim.id, { callId: past });
  await bank.settle(past, 1, 9_000);
  await bank.claimTimer('timer-of-the-house', 60);
  await db.sql`update public.users set stripe_customer_id = 'cus_of_the_victim' where id = ${victim.id}`;
  await db.sql`insert into public.pricing_tiers (id, name, hours, price_cents, active)
    values ('tier-not-for-sale', 'Secret', 1, 5000, false)`;
  const secrets = [
    victim.id,
    victim.email,
    callId,
    past,
    cardId,
    intentId,
    gift.cardId,
    gift.intentId,
    codeHash(gift.code),
    'room-of-the-victim',
    'cus_of_the_victim',
    'tier-not-for-sale',
    'timer-of-the-house',
    String(PECULIAR_SECONDS),
    'test-only-jwt-secret',
    'sb_secret_',
    '20261120000',
  ];
  return { db, victim, attacker, callId, cardId, secrets };
}

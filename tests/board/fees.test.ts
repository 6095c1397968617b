import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { undone } from '../support/undone.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { addPerson } from '../time/people.ts';
import { differencesOf } from './figures.ts';
import { ask } from './talk.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const aroundNow = () =>
  [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString()) as [string, string];

test('what Stripe keeps stands by currency, in the one that it settles in; one that is not known is not there', () =>
  undone(db, async (sql) => {
    const bank = createBank(overSql(sql));
    const person = await addPerson(sql);
    const [dollars, yen, euros, unknown] = [
      await buy(bank, person, 'starter'),
      await buy(bank, person, 'starter'),
      await buy(bank, person, 'starter'),
      await buy(bank, person, 'starter'),
    ];
    await sql`update purchases set currency = 'jpy', amount_cents = 1500, received_cents = 1500 where id = ${yen.cardId}`;
    await sql`update purchases set currency = 'eur' where id = ${euros.cardId}`;
    const note = async ({ cardId, intentId }: typeof dollars, cents: number | null, currency: string) => {
      const [row] =
        await sql`select note_payment_fee(${cardId}, ${intentId}, ${cents}, ${currency}) ->> 'status' as status`;
      return row?.status;
    };
    expect(await note(dollars, 59, 'usd')).toBe('noted');
    // Once: a later look changes nothing.
    expect(await note(dollars, 60, 'usd')).toBe('known');
    expect(await note(yen, 84, 'jpy')).toBe('noted');
    // An account that settles in dollars: no fee in euros, and no sum of the two.
    expect(await note(euros, 61, 'usd')).toBe('noted');
    expect(await note(unknown, null, 'usd')).toBe('invalid_fee');
    expect(await note({ ...unknown, intentId: 'pi_of_another' }, 59, 'usd')).toBe('not_ours');
    const [from, to] = aroundNow();
    for (const zone of ['UTC', 'Asia/Kathmandu']) {
      const { fees, money } = await ask(sql, 'board_money', from, to, 'month', zone, 'booked');
      expect(fees.map(({ step: _, ...row }) => row)).toEqual([
        { currency: 'eur', fee_currency: 'usd', payments: 1, fee_cents: 61 },
        { currency: 'jpy', fee_currency: 'jpy', payments: 1, fee_cents: 84 },
        { currency: 'usd', fee_currency: 'usd', payments: 1, fee_cents: 59 },
      ]);
      // Two payments in dollars, the fee of one: the other is not known, and not 0.
      expect(money.map(({ currency, purchases }) => [currency, purchases])).toEqual([
        ['eur', 1],
        ['jpy', 1],
        ['usd', 2],
      ]);
    }
    const [wanted] = await sql`select take_fees_wanted(10, 3600) as wanted`;
    expect(wanted?.wanted).toEqual([{ purchase_id: unknown.cardId, payment_intent_id: unknown.intentId }]);
    // Whoever was asked about is asked about again only after a while.
    expect((await sql`select take_fees_wanted(10, 3600) as wanted`)[0]?.wanted).toEqual([]);
    expect(await differencesOf(sql)).toEqual([]);
  }));

test('what is owed and what expired unused are what the ledger says', () =>
  undone(db, async (sql) => {
    const bank = createBank(overSql(sql));
    const [ann, bob] = [await addPerson(sql), await addPerson(sql)];
    await buy(bank, ann, 'starter');
    const { intentId } = await buy(bank, ann, 'basic');
    await buy(bank, bob, 'starter');
    for (const [person, seconds] of [
      [ann, 3000],
      [bob, 100],
    ] as const) {
      const callId = randomUUID();
      await bank.open(person, { callId, slice: 3600, max: 100 });
      await bank.settle(callId, 1, seconds * 1000);
    }
    await bank.refund(intentId, 4499);
    await sql`update grants set expires_at = now() - interval '1 second' where account_id = ${bob} and status = 'active'`;
    await bank.sweep();
    const [from, to] = aroundNow();
    const { owed, time } = await ask(sql, 'board_time', from, to, 'day', 'America/St_Johns');
    const byLedger = await sql`select coalesce(g.source, 'debt') as source, sum(l.amount)::int as seconds
      from ledger l left join grants g on g.id = l.grant_id where l.unit = 'second' group by 1 having sum(l.amount) <> 0 order by 1`;
    expect(owed).toEqual([...byLedger]);
    const [balances] = await sql`select sum(balance)::int as seconds from accounts where unit = 'second'`;
    const [debts] =
      await sql`select coalesce(sum(debt), 0)::int as seconds from accounts where unit = 'second'`;
    expect(owed.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(balances?.seconds - debts?.seconds);
    const breakage = time.reduce((sum, row) => sum + row.breakage_seconds, 0);
    expect(breakage).toBe(3500);
    const [expired] = await sql`select -sum(amount)::int as seconds from ledger where reason = 'expire'`;
    expect(breakage).toBe(expired?.seconds);
  }));

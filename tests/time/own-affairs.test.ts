import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { buy, codeHash, createBank, overSql } from './bank.ts';
import { accountOf, addPerson } from './people.ts';

describe('an operator decides nothing about themselves, whoever asks the database', () => {
  test('not about a payment of theirs that does not fit', async ({ db }) => {
    const [bank, run] = [createBank(overSql(db.sql)), overSql(db.sql)];
    const [own, other] = [await addPerson(db.sql), await addPerson(db.sql)];
    await db.sql`update users set role = 'operator' where id in (${own}, ${other})`;
    const purchaseId = await bank.begin(own, 'starter');
    expect((await bank.pay({ purchaseId, intentId: `pi_${purchaseId}`, cents: 1 })).status).toBe('review');
    const decide = (operator: string) =>
      run('resolve_review', {
        p_purchase_id: purchaseId,
        p_decision: 'release',
        p_operator_id: operator,
        p_reason: 'it fits',
        p_code_hash: codeHash(purchaseId),
      });
    expect(await decide(own)).toEqual({ status: 'own_purchase' });
    expect(await accountOf(db.sql, own)).toMatchObject({ balance: 0 });
    expect(await decide(other)).toMatchObject({ status: 'succeeded' });
  });

  test('not about a refund to them, nor time for nothing', async ({ db }) => {
    const [bank, run] = [createBank(overSql(db.sql)), overSql(db.sql)];
    const own = await addPerson(db.sql);
    await db.sql`update users set role = 'operator' where id = ${own}`;
    const { cardId } = await buy(bank, own, 'starter');
    const act = { p_operator_id: own, p_reason: 'a reason', p_key: randomUUID() };
    const refund = { ...act, p_purchase_id: cardId, p_amount_cents: null };
    expect(await run('begin_operator_refund', refund)).toEqual({ status: 'own_purchase' });
    const goodwill = { ...act, p_user_id: own, p_seconds: 60 };
    expect(await run('grant_goodwill', goodwill)).toEqual({ status: 'own_account' });
    expect(await accountOf(db.sql, own)).toMatchObject({ balance: 3600 });
  });
});

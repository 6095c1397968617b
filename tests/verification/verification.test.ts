import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf } from '../support/sidecar.ts';
import { ALICE, addKey, type EvmScene, type Scene, SHOP, startScene, TOKEN, usdc } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.close());

const asked = ({ chain }: EvmScene, tx_hash: string, more: object = {}) => ({
  chain,
  tx_hash,
  amount: '10',
  recipient: SHOP,
  payer: ALICE,
  ...more,
});
const paid = (evm: EvmScene) => {
  const hash = evm.pay(usdc(10));
  evm.ledger.settle();
  return hash;
};

test('twenty orders ask for one transfer at the same time: one has it; twenty times one key is one use', async () => {
  const evm = scene.evm();
  const before = await scene.eventsOf();
  const hash = paid(evm);
  const orders = await Promise.all(Array.from({ length: 20 }, () => scene.ask(asked(evm, hash))));
  expect(orders.map(({ verdict }) => verdict.status).toSorted()).toEqual([
    ...Array.from({ length: 19 }, () => 'rejected'),
    'verified',
  ]);
  expect(await scene.eventsOf()).toBe(before + 20);

  const next = paid(evm);
  const same = await Promise.all(
    Array.from({ length: 20 }, () => scene.ask(asked(evm, next), 'one for all')),
  );
  expect(new Set(same.map(({ answer }) => JSON.stringify(answer.body))).size).toBe(1);
  expect(same[0]?.verdict).toMatchObject({ status: 'verified', is_final: true, retry_after_seconds: null });
  expect(await scene.eventsOf()).toBe(before + 21);
  // What is final is known, and asks no node.
  for (const node of evm.nodes) node.fail({ dead: true });
  expect((await scene.ask(asked(evm, next), 'one for all')).verdict).toEqual(same[0]?.verdict);
});

test('the answer says which transfer was taken, exactly; and what is worth a second look', async () => {
  const evm = scene.evm();
  const hash = evm.ledger.pay(
    [7_000_001n, 10_000_001n].map((amount) => ({ token: TOKEN, from: ALICE, to: SHOP, amount })),
    { sender: `0x${'9'.repeat(40)}` },
  );
  evm.ledger.settle('safe');
  const { verdict } = await scene.ask(asked(evm, hash, { payer: undefined }));
  expect(verdict).toMatchObject({
    status: 'verified',
    reasons: [],
    finality: 'safe',
    is_final: false,
    chain: `eip155:${evm.ledger.chainId}`,
    transfer: { log_index: 1, token: TOKEN, symbol: 'USDC', amount: '10.000001', from: ALICE, to: SHOP },
    block: { number: '1' },
    risk: { level: 'elevated', signals: ['payer_not_bound', 'overpaid', 'several_transfers', 'relayed'] },
  });
});

test('a key is one event at its price, however long it is pending; where no node answers nothing is charged', async () => {
  const { sidecar, eventsOf } = scene;
  const price = { kind: 'tool_call', tool: 'payments.verify', price_micros_per_million: 2_000_000_000 };
  const valid_from = new Date(Date.now() + 100).toISOString();
  await sidecar.database.sql`select set_rates(${sidecar.database.sql.json([{ ...price, valid_from }])})`;
  await new Promise((resolve) => setTimeout(resolve, 150));
  const evm = scene.evm();
  const before = await eventsOf();
  for (const node of evm.nodes) node.fail({ dead: true });
  const hash = evm.pay(usdc(10));
  const away = await scene.ask(asked(evm, hash), 'priced');
  expect(away.verdict).toMatchObject({ id: null, status: 'pending', reasons: ['nodes_unavailable'] });
  expect(away.verdict.retry_after_seconds).toBeGreaterThan(0);
  expect(await eventsOf()).toBe(before);
  for (const node of evm.nodes) node.fail();
  for (const status of ['pending', 'pending', 'verified', 'verified']) {
    if (status === 'verified') evm.ledger.settle();
    expect((await scene.ask(asked(evm, hash), 'priced')).verdict.status).toBe(status);
  }
  const events = await sidecar.database
    .sql`select price_micros::int as price, quantity::int, unit, user_id from usage_events
    where tenant_id = ${scene.tenant.tenantId} and price_micros is not null`;
  expect([...events]).toEqual([{ price: 2000, quantity: 1, unit: 'call', user_id: scene.tenant.owner.id }]);
  expect(await eventsOf()).toBe(before + 1);
});

test('while the chain decides anew nobody else gets the transfer; when it has gone for good, it is free', async () => {
  const evm = scene.evm();
  const hash = evm.pay(usdc(10));
  evm.ledger.settle('safe');
  expect((await scene.ask(asked(evm, hash), 'first')).verdict.status).toBe('verified');
  evm.ledger.reorganise(1);
  expect((await scene.ask(asked(evm, hash), 'first')).verdict.reasons).toEqual(['not_found']);
  evm.pay(usdc(10), {}, { hash });
  evm.ledger.settle('safe');
  expect((await scene.ask(asked(evm, hash), 'second')).verdict.reasons).toEqual(['already_claimed']);
  expect((await scene.ask(asked(evm, hash), 'first')).verdict.status).toBe('verified');
  evm.ledger.reorganise(1);
  evm.pay(usdc(10), { to: ALICE }, { hash });
  evm.ledger.settle();
  expect((await scene.ask(asked(evm, hash), 'first')).verdict.reasons).toEqual(['wrong_recipient']);
  const [claims] = await scene.sidecar.database
    .sql`select count(*)::int as n from private.payment_claims where tx_hash = ${hash}`;
  expect(claims?.n).toBe(0);
});

test('by a key with the scope only; a tenant takes nothing away from another; no more than the plan allows', async () => {
  const { sidecar, ask } = scene;
  const evm = scene.evm();
  const hash = paid(evm);
  const other = await addKey(sidecar);
  const poor = await addKey(sidecar, ['usage:read']);
  expect(codeOf((await ask(asked(evm, hash), 'k', poor.secret)).answer)).toBe('scope_missing');
  expect(codeOf((await ask(asked(evm, hash), 'k', 'mb_live_guessed')).answer)).toBe('not_signed_in');
  const without = await sidecar.post('/v1/payments/verify', { token: other.secret, body: asked(evm, hash) });
  expect(codeOf(without)).toBe('idempotency_key_missing');
  for (const token of [other.secret, scene.tenant.secret])
    expect((await ask(asked(evm, hash), 'of two tenants', token)).verdict.status).toBe('verified');
  const path = '/v1/payments/verifications';
  const listed = await sidecar.get(`${path}?limit=5`, { token: other.secret });
  expect(listed.body).toMatchObject({
    verifications: [
      { key: 'of two tenants', tx_hash: hash, status: 'verified', amount: '10', is_final: true },
    ],
  });
  const byOwner = await sidecar.get(`${path}?tenant_id=${other.tenantId}`, { person: other.owner });
  expect(byOwner.body).toEqual(listed.body);
  const { sql } = sidecar.database;
  await sql`insert into plans (id, name, kind, hard_spend_per_day_micros) values ('tight', 'Tight', 'metered', 0)`;
  await sql`update tenants set plan_id = 'tight' where id = ${other.tenantId}`;
  expect(codeOf((await ask(asked(evm, paid(evm)), 'too much', other.secret)).answer)).toBe(
    'spend_limit_reached',
  );
  expect((await ask(asked(evm, hash), 'of two tenants', other.secret)).verdict.status).toBe('verified');
  const chains = await sidecar.get('/v1/payments/chains');
  expect(chains.body).toMatchObject({ agreement_from: '100' });
  expect(chains.text).not.toContain('127.0.0.1');
});

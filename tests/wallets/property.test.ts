import fc from 'fast-check';
import type postgres from 'postgres';
import { describe, expect } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { times } from '../support/long-run.ts';
import { expectFound, type Mistake } from '../support/mistakes.ts';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { undone } from '../support/undone.ts';
import { addPerson, violations } from '../time/people.ts';
import { addAgent, addSeller, walletsOf } from './wallets.ts';

type Operation =
  | { do: 'topUp' | 'payOut'; who: number; micros: number }
  | { do: 'hold'; who: number; seller: number; micros: number }
  | { do: 'settle' | 'refund'; hold: number; percent: number }
  | { do: 'release' | 'expire'; hold: number }
  | { do: 'transfer'; who: number; micros: number }
  | { do: 'repeat' };

const who = fc.nat(1);
const hold = fc.nat(5);
const micros = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 200_000 }));
const percent = fc.constantFrom(0, 1, 33, 50, 99, 100);
const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom('topUp' as const, 'payOut' as const), who, micros }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('hold' as const), who, seller: fc.nat(2), micros }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'refund' as const), hold, percent }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'expire' as const), hold }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('transfer' as const), who, micros }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const) }) },
  ),
  { minLength: 6, maxLength: 24 },
);

type Hold = {
  id: string;
  who: number;
  seller: number;
  amount: number;
  state: 'held' | 'settled' | 'gone';
  charged: number;
  share: number;
  fee: number;
  back: number;
  shareBack: number;
  feeBack: number;
};
const FEE_BPS = [500, 1234];

/** What a test knows by itself of two wallets, two sellers and the platform, to hold against the database. */
async function createModel(sql: postgres.ISql) {
  const wallets = walletsOf(sql);
  const people = [await addPerson(sql), await addPerson(sql), await addPerson(sql)];
  const [first = '', second = '', third = ''] = people;
  const buyers = [await wallets.of('person', first), await wallets.of('agent', await addAgent(sql, second))];
  const sellers = [await addSeller(sql, second, FEE_BPS[0]), await addSeller(sql, third, FEE_BPS[1])];
  const sellerWallets = [
    await wallets.of('seller', sellers[0] ?? ''),
    await wallets.of('seller', sellers[1] ?? ''),
  ];
  const has = [0, 0];
  const earned = [0, 0];
  const owed = [0, 0];
  let platform = 0;
  const holds: Hold[] = [];
  let again = async () => {};
  const held = (index: number) =>
    holds.filter((h) => h.who === index && h.state === 'held').reduce((sum, h) => sum + h.amount, 0);

  async function settle(h: Hold, percent: number) {
    const amount = Math.floor((h.amount * percent) / 100);
    const repeat = async () =>
      expect(await wallets.settle(h.id, amount)).toMatchObject({ status: 'settled', repeated: true });
    const answer = await wallets.settle(h.id, amount);
    if (h.state === 'settled') {
      expect(answer.status).toBe(amount === h.charged ? 'settled' : 'settled_otherwise');
    } else if (h.state === 'gone') {
      expect(answer.status).toMatch(/released|expired/);
    } else {
      const bps = FEE_BPS[h.seller];
      if (bps !== undefined) {
        const due = amount * (10_000 - bps) + (owed[h.seller] ?? 0);
        h.share = Math.floor(due / 10_000);
        owed[h.seller] = due % 10_000;
      }
      h.fee = bps === undefined ? amount : Math.floor((amount * bps) / 10_000);
      Object.assign(h, { state: 'settled', charged: amount });
      expect(answer).toMatchObject({
        status: 'settled',
        charged_micros: amount,
        share_micros: h.share,
        fee_micros: h.fee,
      });
      has[h.who] = (has[h.who] ?? 0) - amount;
      if (h.share > 0) earned[h.seller] = (earned[h.seller] ?? 0) + h.share;
      platform += amount - h.share;
      again = repeat;
    }
  }
  async function refund(h: Hold, percent: number) {
    const amount = percent === 100 ? null : Math.floor((h.charged * percent) / 100);
    const key = `refund ${h.id} ${h.back} ${percent}`;
    const answer = await wallets.refund(h.id, amount, key);
    const back = amount ?? h.charged - h.back;
    if (h.state !== 'settled') {
      expect(answer.status).toBe('not_settled');
    } else if (back < 1 || back > h.charged - h.back) {
      expect(answer.status).toBe('more_than_charged');
    } else {
      expect(answer).toMatchObject({
        status: 'refunded',
        amount_micros: back,
        refunded_micros: h.back + back,
      });
      h.back += back;
      const shareBack = Math.floor((h.share * h.back) / h.charged);
      if (h.share > 0) earned[h.seller] = (earned[h.seller] ?? 0) - (shareBack - h.shareBack);
      platform -= back - (shareBack - h.shareBack);
      h.shareBack = shareBack;
      has[h.who] = (has[h.who] ?? 0) + back;
      again = async () =>
        expect(await wallets.refund(h.id, amount, key)).toMatchObject({ status: 'refunded', repeated: true });
    }
  }
  async function begin({ who, seller, micros }: { who: number; seller: number; micros: number }) {
    const key = `hold ${holds.length}`;
    const sellerId = sellers[seller] ?? null;
    const answer = await wallets.hold(buyers[who] ?? '', micros, sellerId, key);
    if (micros > (has[who] ?? 0) - held(who)) {
      expect(answer.status).toBe('not_enough_money');
      return;
    }
    expect(answer.status).toBe('held');
    const nothing = { charged: 0, share: 0, fee: 0, back: 0, shareBack: 0, feeBack: 0 };
    holds.push({ id: String(answer.hold_id), who, seller, amount: micros, state: 'held', ...nothing });
    again = async () =>
      expect(await wallets.hold(buyers[who] ?? '', micros, sellerId, key)).toMatchObject({
        hold_id: answer.hold_id,
        repeated: true,
      });
  }
  async function move({ who, micros }: { who: number; micros: number }) {
    const key = `transfer ${Math.random()}`;
    const to = 1 - who;
    const answer = await wallets.transfer(buyers[who] ?? '', buyers[to] ?? '', micros, key);
    if (micros > (has[who] ?? 0) - held(who)) {
      expect(answer.status).toBe('not_enough_money');
      return;
    }
    expect(answer).toMatchObject({ status: 'transferred', repeated: false });
    has[who] = (has[who] ?? 0) - micros;
    has[to] = (has[to] ?? 0) + micros;
    again = async () =>
      expect(await wallets.transfer(buyers[who] ?? '', buyers[to] ?? '', micros, key)).toMatchObject({
        status: 'transferred',
        repeated: true,
      });
  }
  async function play(operation: Operation): Promise<void> {
    if (operation.do === 'repeat') return again();
    if ('hold' in operation) {
      const h = holds[operation.hold % Math.max(1, holds.length)];
      if (h === undefined) return;
      if (operation.do === 'settle') return settle(h, operation.percent);
      if (operation.do === 'refund') return refund(h, operation.percent);
      if (operation.do === 'release') await wallets.release(h.id);
      else await wallets.reap(h.id);
      if (h.state === 'held') h.state = 'gone';
    } else if (operation.do === 'hold') {
      await begin(operation);
    } else if (operation.do === 'transfer') {
      await move(operation);
    } else if (operation.do === 'topUp') {
      const key = `top up ${Math.random()}`;
      again = () => wallets.topUp(buyers[operation.who] ?? '', operation.micros, key);
      await again();
      has[operation.who] = (has[operation.who] ?? 0) + operation.micros;
    } else if ((earned[operation.who] ?? 0) >= operation.micros) {
      await wallets.payOut(sellerWallets[operation.who] ?? '', operation.micros);
      earned[operation.who] = (earned[operation.who] ?? 0) - operation.micros;
    }
  }
  async function check() {
    for (const index of [0, 1]) {
      expect(await wallets.has(buyers[index] ?? '')).toEqual({ net: has[index], held: held(index) });
      expect(await wallets.has(sellerWallets[index] ?? '')).toEqual({ net: earned[index], held: 0 });
    }
    const books = await wallets.books();
    expect(books).toMatchObject({ difference_micros: 0, by_charges_micros: 0, by_transfers_micros: 0 });
    expect(books.by_owner.platform ?? 0).toBe(platform);
  }
  return { play, check };
}

async function playHistory(db: TestDatabase, history: Operation[]): Promise<void> {
  await undone(db, async (sql) => {
    await sql`set local plan_cache_mode = force_generic_plan`;
    const model = await createModel(sql);
    for (const who of [0, 1]) {
      await model.play({ do: 'topUp', who, micros: 1_000 });
      await model.play({ do: 'topUp', who, micros: 150_000 });
    }
    for (const operation of history) {
      await model.play(operation);
      await model.check();
    }
    expect(await violations(sql)).toEqual([]);
  });
}
const propertyOf = (db: TestDatabase) => fc.asyncProperty(operations, (history) => playHistory(db, history));

test('whatever is held, settled, given back and moved, every millionth is explained', async ({ db }) => {
  await fc.assert(propertyOf(db), { numRuns: Number(process.env.PROPERTY_RUNS || times(30, 300)) });
});

const MISTAKES: Mistake[] = [
  ['what is held can be spent', 'private.free_amount', "w.status = 'held'", 'false'],
  [
    'what was released is charged',
    'private.settle_micros',
    "elsif v_hold.status <> 'held' then",
    'elsif false then',
  ],
  [
    'what is below a millionth is lost to the seller',
    'private.settle_micros',
    'set owed_fraction = v_parts.owed_fraction',
    'set owed_fraction = 0',
  ],
  [
    'the remainder is posted nowhere',
    'private.settle_micros',
    'if v_parts.remainder > 0 then',
    'if false then',
  ],
  [
    'the platform keeps its fee of what goes back',
    'private.refund_micros',
    'if v_refund.fee > 0 then',
    'if false then',
  ],
  [
    'the seller does not owe what was paid out',
    'private.unearn',
    'if p_amount > v_take then',
    'if false then',
  ],
  [
    'what came back comes back to the same grant again',
    'private.refund_micros',
    'v_line.amount - least(v_line.amount, v_before.share)',
    'v_line.amount',
  ],
  [
    'a refund is made again',
    'private.refund_micros',
    'elsif v_refund.key is not null then',
    'elsif false then',
  ],
  [
    'a top-up is credited again',
    'private.credit_wallet',
    "md5('wallet ' || p_key)::uuid, p_account_id",
    'gen_random_uuid(), p_account_id',
  ],
  [
    'a hold outlives its end',
    'private.expire_wallet_holds',
    "set status = 'expired', ended_at = now()",
    'set about = about',
  ],
];

describe('the property finds a mistake', () => {
  test.for(MISTAKES)('%s', (mistake, { db }) => expectFound(db, mistake, propertyOf(db), 300));
});

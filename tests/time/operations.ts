import fc from 'fast-check';

/** Everything that can happen to time, with numbers instead of ids: people 0–1, calls 0–2, cards with the newest first. */
export type Operation =
  | { do: 'buy'; person: number; gift: boolean; paid: boolean }
  | { do: 'pay'; card: number }
  | { do: 'refund'; card: number; tenths: number }
  | { do: 'failRefund'; card: number }
  | { do: 'dispute'; card: number; status: 'open' | 'lost' | 'won'; tenths: number }
  | { do: 'activate'; person: number; card: number }
  | { do: 'give'; person: number; seconds: number }
  | { do: 'trial'; person: number }
  | { do: 'expire'; card: number }
  | { do: 'open'; person: number; call: number }
  | { do: 'renew' | 'settle'; call: number; advanceMs: number; stale: boolean }
  | { do: 'lapse'; call: number }
  | { do: 'deduct'; person: number; minutes: number; key: number }
  | { do: 'reap' | 'sweep' };

const person = fc.nat(1);
const call = fc.nat(2);
const card = fc.nat(5);
const mostly = fc.nat(4).map((one) => one > 0);
const report = {
  call,
  advanceMs: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 14_000 }),
    fc.integer({ min: 1, max: 60_000 }),
  ),
  stale: mostly.map((own) => !own),
};

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('buy' as const), person, gift: fc.boolean(), paid: mostly }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pay' as const), card }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      card,
      tenths: fc.integer({ min: 1, max: 10 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('failRefund' as const), card }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('dispute' as const),
      card,
      status: fc.constantFrom('open' as const, 'open' as const, 'lost' as const, 'won' as const),
      tenths: fc.oneof(fc.constant(10), fc.integer({ min: 1, max: 10 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('activate' as const), person, card }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('give' as const),
      person,
      seconds: fc.integer({ min: 1, max: 90 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trial' as const), person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), card }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('open' as const), person, call }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('renew' as const), ...report }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), ...report }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lapse' as const), call }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('deduct' as const),
      person,
      minutes: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 50, max: 63 })),
      key: fc.nat(1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('reap' as const, 'sweep' as const) }) },
);

export const operations = fc.array(operation, { minLength: 1, maxLength: 40, size: 'max' });

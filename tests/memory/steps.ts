import fc from 'fast-check';

/** A handful of texts, so that they meet; two of them are the same to a reader, and one is a secret. */
export const TEXTS = ['Likes tea', 'likes  TEA', 'Has a dog', 'Lives in Rome', 'Card 4242 4242 4242 4242'];
export const SECRET = 4;
const PEOPLE = 2;

const told = fc.record({ text: fc.nat(TEXTS.length - 1), replaces: fc.option(fc.nat(9)) });
const person = fc.nat(PEOPLE - 1);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('call' as const), person, isLongOver: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('remember' as const),
      person,
      call: fc.nat(9),
      told: fc.array(told, { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('correct' as const),
      person,
      memory: fc.nat(9),
      text: fc.nat(TEXTS.length - 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('erase' as const),
      person,
      memory: fc.nat(9),
      call: fc.option(fc.nat(9)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('erase all' as const), person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const), person, on: fc.boolean() }) },
);
export type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
export const steps = fc.array(step, { minLength: 1, maxLength: 30, size: 'max' });

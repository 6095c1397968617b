import type { Work } from './load-test.ts';

export const PEOPLE = 10_000;
/** As many as one person may hold, and far more. Their calls have the numbers from `person` on. */
export const HOT_PEOPLE = [
  { person: PEOPLE + 1, calls: 4 },
  { person: PEOPLE + 101, calls: 64 },
] as const;
/** More than any grant: every renewal reports that all was used, and is given a whole slice. That is the most work. */
export const ALL_USED_MS = 9_000_000_000_000_000n;

/** `renewals`: how many of them one piece of work does. `against`: the name of what it is compared with. */
export type Measure = {
  name: string;
  work: Work;
  clients: number;
  renewals: number;
  against?: string;
  goal?: number;
};

const renewOne = `select public.renew_call(bench.call(:n), 1, ${ALL_USED_MS})`;

/** Calls of a batch are drawn at random from all; no two batches share one, as no call is renewed twice at once. */
const renewBatch = (size: number): Work => ({
  variables: { b: { from: 0, to: PEOPLE / size / 2 - 1, perClient: true } },
  statements: [
    `select r.* from bench.batches b, public.renew_calls(b.ids, b.epochs, b.used, b.restored) r
      where b.size = ${size} and b.nr = :b`.replaceAll(/\s+/g, ' '),
  ],
});

const ANY_PERSON = { n: { from: 1, to: PEOPLE } };

export const MEASURES: readonly Measure[] = [
  {
    name: 'update of a row',
    work: { variables: ANY_PERSON, statements: ['update bench.one set v = v + 1 where id = :n'] },
    clients: 8,
    renewals: 1,
  },
  {
    name: 'renew_call',
    work: { variables: ANY_PERSON, statements: [renewOne] },
    clients: 8,
    renewals: 1,
    against: 'update of a row',
    goal: 0.6,
  },
  {
    name: 'update of one hot row',
    work: { variables: {}, statements: ['update bench.one set v = v + 1 where id = 1'] },
    clients: 8,
    renewals: 1,
  },
  ...HOT_PEOPLE.map(
    ({ person, calls }): Measure => ({
      name: `renew_call, ${calls} calls of one person`,
      work: { variables: { n: { from: person, to: person + calls - 1 } }, statements: [renewOne] },
      clients: 8,
      renewals: 1,
      against: 'update of one hot row',
      goal: 0.7,
    }),
  ),
  { name: 'renew_calls of 50', work: renewBatch(50), clients: 2, renewals: 50, against: 'update of a row' },
  {
    name: 'renew_calls of 500',
    work: renewBatch(500),
    clients: 2,
    renewals: 500,
    against: 'update of a row',
    goal: 8,
  },
  {
    name: 'open, renew, settle',
    work: {
      variables: { ...ANY_PERSON, c: { from: 1, to: 1_000_000_000_000_000 } },
      statements: [
        `select public.open_call(md5(:c::text)::uuid, bench.person(:n), 'call-' || :c::text)`,
        'select public.renew_call(md5(:c::text)::uuid, 1, 15000)',
        `select public.settle_call(md5(:c::text)::uuid, 1, 20000, 'caller_hung_up')`,
      ],
    },
    clients: 8,
    renewals: 1,
    against: 'update of a row',
  },
];

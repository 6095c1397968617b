import fc from 'fast-check';
import type { Effect, Event } from '../../agent/call/call-state.ts';
import type { Presence } from '../../agent/call/line.ts';
import type { Activity } from '../../agent/speech/watch-activity.ts';

/** What may happen to a call, in any order, for the property of `step`. */

export type WithoutTime<One> = One extends unknown ? Omit<One, 'atMs'> : never;
/** Something that happens by itself, or the answer to what was asked for and has got none yet. */
export type Move =
  | { move: 'pass'; ms: number }
  /** A busy process: what is due comes late. */
  | { move: 'stall'; ms: number }
  | { move: 'event'; event: WithoutTime<Event> }
  | { move: 'ago'; type: 'no_answer' | 'late_answer' | 'stt' | 'dead'; agoMs: number }
  | { move: 'answer'; what: Effect['type']; isGood: boolean }
  | { move: 'fence' }
  | { move: 'buy'; seconds: number };

const event = (one: WithoutTime<Event>): Move => ({ move: 'event', event: one });
const weighted = <One>(weight: number, arbitrary: fc.Arbitrary<One>) => ({ weight, arbitrary });
/** Nineteen times of twenty. */
export const mostly = fc.integer({ min: 0, max: 19 }).map((chance) => chance > 0);
/** Four times of five. */
export const oftenest = fc.integer({ min: 0, max: 4 }).map((chance) => chance > 0);
const presences = fc.constantFrom<Presence>(
  'present',
  'present',
  'present',
  'present',
  'cut',
  'unreachable',
  'cut',
  'left',
);

export const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    weighted(16, fc.record({ move: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20_000 }) })),
    weighted(1, fc.record({ move: fc.constant('stall' as const), ms: fc.integer({ min: 1, max: 5_000 }) })),
    weighted(
      12,
      fc.record({
        move: fc.constant('answer' as const),
        what: fc.constantFrom<Effect['type']>(
          'renew',
          'renew',
          'renew',
          'change_role',
          'say_goodbye',
          'settle',
          'close_line',
          'close_conversation',
        ),
        isGood: mostly,
      }),
    ),
    weighted(
      3,
      fc.record({
        move: fc.constant('ago' as const),
        type: fc.constantFrom('no_answer', 'late_answer', 'stt', 'dead', 'dead', 'dead'),
        agoMs: fc.integer({ min: 0, max: 30_000 }),
      }),
    ),
    weighted(
      3,
      presences.map((presence) => event({ type: 'presence', presence })),
    ),
    weighted(3, fc.constant(event({ type: 'heard' }))),
    weighted(2, fc.constant(event({ type: 'answer' }))),
    weighted(1, fc.constant(event({ type: 'stt', lostSinceMs: undefined }))),
    weighted(
      3,
      fc
        .constantFrom<Activity>('agent_busy', 'agent_quiet', 'words', 'noise')
        .map((activity) => event({ type: 'activity', activity })),
    ),
    weighted(
      1,
      fc.integer({ min: 1, max: 40 }).map((words) => event({ type: 'written', words })),
    ),
    weighted(1, fc.constant(event({ type: 'renewal_wanted' }))),
    weighted(2, fc.record({ move: fc.constant('buy' as const), seconds: fc.integer({ min: 1, max: 400 }) })),
    weighted(
      1,
      fc.constantFrom<Move>(
        { move: 'fence' },
        event({ type: 'goodbye_wanted' }),
        event({ type: 'conversation_closed', reason: 'conversation_failed' }),
        event({ type: 'end_wanted', reason: 'job_shutdown' }),
      ),
    ),
  ),
  { maxLength: 80, size: 'max' },
);

const pass = (ms: number): Move => ({ move: 'pass', ms });
const answered = (what: Effect['type']): Move => ({ move: 'answer', what, isGood: true });
const words = event({ type: 'activity', activity: 'words' });
const written = event({ type: 'written', words: 40 });
const noAnswer = (agoMs: number): Move => ({ move: 'ago', type: 'no_answer', agoMs });
const flaps = [
  pass(15_000),
  event({ type: 'presence', presence: 'cut' }),
  event({ type: 'presence', presence: 'present' }),
];
const deskAgain = [
  pass(85_000),
  { move: 'buy', seconds: 1 },
  answered('renew'),
  answered('change_role'),
  pass(1_500),
  answered('change_role'),
] as const;

type Begins = { opens: boolean; starts: boolean; hears: boolean };
const history = (ownedSeconds: number, hears: boolean, steps: readonly Move[]) =>
  [ownedSeconds, 'present', { opens: true, starts: true, hears }, [...steps]] as [
    number,
    Presence,
    Begins,
    Move[],
  ];

/** Histories that chance comes to only rarely: each is the smallest in which somebody's mistake shows. They are played first. */
export const RARE = [
  history(1, true, [pass(1_000), written, written]),
  history(1, true, [pass(1_000), ...[1, 2, 3].map(() => event({ type: 'answer' }))]),
  history(1, true, [pass(1_000), answered('change_role'), ...deskAgain, ...deskAgain, pass(85_000)]),
  history(300, true, [noAnswer(0), words, pass(20_000), words]),
  history(300, true, [
    noAnswer(0),
    words,
    pass(20_000),
    words,
    pass(4_000),
    words,
    pass(1_000),
    noAnswer(5_000),
  ]),
  history(300, false, [...flaps, ...flaps, ...flaps]),
  // An answer that ends two outages at once, and one that was over before anything could not be heard any more.
  history(1, false, [
    noAnswer(0),
    { move: 'ago', type: 'stt', agoMs: 0 },
    event({ type: 'heard' }),
    event({ type: 'answer' }),
  ]),
  history(1, false, [
    event({ type: 'answer' }),
    event({ type: 'activity', activity: 'agent_quiet' }),
    { move: 'ago', type: 'stt', agoMs: 0 },
    event({ type: 'heard' }),
  ]),
];

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect, Event, State } from '../../agent/call/call-state.ts';
import { enter } from '../../agent/call/meter.ts';
import { NO_SERVICE } from '../../agent/call/service.ts';
import { step } from '../../agent/call/step.ts';
import { keepsItsRules, type Step } from './played-step.ts';
import { RARE } from './step-moves.ts';

it('keeps its rules, whatever happens in whatever order', () => {
  fc.assert(keepsItsRules(step), { numRuns: 500, examples: RARE });
});

const without =
  (isLeftOut: (effect: Effect, event: Event) => boolean): Step =>
  (state, event) => {
    const [next, effects] = step(state, event);
    return [next, effects.filter((effect) => !isLeftOut(effect, event))];
  };

const changed =
  (mistake: (next: State, before: State, event: Event) => State): Step =>
  (state, event) => {
    const [next, effects] = step(state, event);
    return [mistake(next, state, event), effects];
  };

const deaf =
  (isIgnored: (event: Event, state: State) => boolean): Step =>
  (state, event) =>
    isIgnored(event, state) ? [state, []] : step(state, event);

const withoutTimer = (state: State, timer: keyof State['timers']): State => {
  const { [timer]: _, ...timers } = state.timers;
  return { ...state, timers };
};

/** What somebody could write instead: each must be found. */
const MISTAKES: [string, Step][] = [
  [
    'bills while the line is down',
    changed((next, before, { type }) =>
      type === 'presence' && next.stage.name === 'talking' ? { ...next, meter: before.meter } : next,
    ),
  ],
  [
    'bills while a provider is out',
    changed((next, before, { type }) =>
      type === 'no_answer' && next.stage.name === 'talking' ? { ...next, meter: before.meter } : next,
    ),
  ],
  [
    'writes down for nothing what is said while the model is out',
    changed((next) => ({ ...next, talkOn: undefined })),
  ],
  [
    'gives back what it wrote down while the model was out',
    (state, event) =>
      event.type === 'no_answer'
        ? step({ ...state, service: { ...state.service, heardUntilMs: Number.NEGATIVE_INFINITY } }, event)
        : step(state, event),
  ],
  [
    'bills while nothing that is said arrives',
    changed((next, before, { type }) =>
      type === 'stt' && next.stage.name === 'talking' ? { ...next, meter: before.meter } : next,
    ),
  ],
  [
    'bills before the first word is heard',
    changed((next, _, { type, atMs }) =>
      type === 'conversation_started' && next.stage.name === 'waiting'
        ? { ...next, meter: enter(next.meter, 'talking', atMs) }
        : next,
    ),
  ],
  [
    'takes up the bill for somebody who is still away',
    changed((next, _, { type, atMs }) =>
      type === 'answer' && next.stage.name === 'talking'
        ? { ...next, meter: enter(next.meter, 'talking', atMs) }
        : next,
    ),
  ],
  [
    'forgets the free time when the caller is back',
    changed((next, before, { type }) =>
      type === 'presence'
        ? {
            ...next,
            meter: {
              ...next.meter,
              timeline: { ...next.meter.timeline, restoredMs: before.meter.timeline.restoredMs },
            },
          }
        : next,
    ),
  ],
  [
    'says a warning twice',
    changed((next, _, { type }) =>
      type === 'renewal' ? { ...next, warnedAtSeconds: Number.POSITIVE_INFINITY } : next,
    ),
  ],
  ['goes on after it was fenced', deaf((event) => event.type === 'renewal' && event.answer === 'fenced')],
  ['talks on when the grant is used up', deaf((event) => event.type === 'due' && event.timer === 'grant')],
  ['does not settle after the end', without((effect) => effect.type === 'settle')],
  [
    'settles again while the first is under way',
    (state, event) => {
      const [next, effects] = step(state, event);
      return [
        next,
        effects.flatMap((effect): Effect[] => (effect.type === 'settle' ? [effect, effect] : [effect])),
      ];
    },
  ],
  [
    'settles the figures of another moment',
    changed((next, _, { type }) =>
      type === 'not_settled' && next.stage.name === 'ended' && next.stage.bill.is === 'settling'
        ? {
            ...next,
            stage: {
              ...next.stage,
              bill: {
                ...next.stage.bill,
                figures: { ...next.stage.bill.figures, usedMs: next.stage.bill.figures.usedMs + 1 },
              },
            },
          }
        : next,
    ),
  ],
  [
    'renews no more after one answer',
    changed((next, _, { type }) =>
      type === 'renewal' ? { ...next, meter: { ...next.meter, renewAtMs: undefined } } : next,
    ),
  ],
  [
    'keeps to itself what it gives back',
    without((effect, { type }) => effect.type === 'renew' && type === 'late_answer'),
  ],
  ['says goodbye without an end', changed((next) => withoutTimer(next, 'goodbye'))],
  ['keeps the desk open without an end', changed((next) => withoutTimer(next, 'desk'))],
  [
    'leaves the desk for the conversation without time',
    changed((next, before, { type }) =>
      type === 'role_changed' && before.stage.name === 'desk' && next.stage.name === 'desk'
        ? { ...next, stage: { name: 'talking' } }
        : next,
    ),
  ],
  [
    'comes back from the goodbye',
    changed((next, before, { type }) =>
      type === 'renewal' && before.stage.name === 'goodbye' && next.stage.name === 'goodbye'
        ? { ...next, stage: { name: 'talking' } }
        : next,
    ),
  ],
  ['waits for a caller for ever', changed((next) => withoutTimer(next, 'absence'))],
  [
    'gives back as a dead line what was answered in it',
    (state, event) =>
      event.type === 'presence' ? step({ ...state, service: NO_SERVICE }, event) : step(state, event),
  ],
  [
    'gives back what was answered while nothing that was said arrived',
    (state, event) =>
      event.type === 'stt' ? step({ ...state, service: NO_SERVICE }, event) : step(state, event),
  ],
  [
    'gives back what it says at this very moment',
    (state, event) =>
      event.type === 'presence'
        ? step({ ...state, service: { ...state.service, busySinceMs: undefined } }, event)
        : step(state, event),
  ],
  [
    'listens before the first word',
    (state, event) => {
      const [next, effects] = step(state, event);
      const isBegun = event.type === 'conversation_started' && next.stage.name === 'waiting';
      return [next, isBegun ? [...effects, { type: 'listen', isOn: true }] : effects];
    },
  ],
  [
    'listens to a line that is dead',
    without((effect, { type }) => effect.type === 'listen' && !effect.isOn && type === 'presence'),
  ],
  ['listens behind its goodbye', without((effect) => effect.type === 'listen' && !effect.isOn)],
  ['hears nobody', without((effect) => effect.type === 'listen')],
  ['waits for ever for somebody who hears nothing', changed((next) => withoutTimer(next, 'unheard'))],
  [
    'waits for ever for a line that flaps',
    changed((next) => {
      const { arrivedAtMs: _, ...others } = next;
      return others;
    }),
  ],
  ['takes dictation at the desk', changed((next) => ({ ...next, deskWords: 0 }))],
  [
    'opens a whole desk each time that is used up',
    (state, event) =>
      step({ ...state, settings: { ...state.settings, deskSecondsPerDay: Number.POSITIVE_INFINITY } }, event),
  ],
  [
    'answers for nothing what is typed while nothing that is said arrives',
    changed((next, _, { type, atMs }) =>
      type === 'answer' && next.sttLostSinceMs !== undefined && next.stage.name === 'talking'
        ? { ...next, meter: enter(next.meter, 'provider_outage', atMs) }
        : next,
    ),
  ],
  ['has a conversation at the desk', changed((next) => ({ ...next, deskAnswers: 0 }))],
  ['keeps to itself that a line dies again and again', without(({ type }) => type === 'note_dead_lines')],
  ['greets once, heard or not', changed((next) => withoutTimer(next, 'greet_again'))],
  ['waits for a line that does not close', changed((next) => withoutTimer(next, 'closing'))],
  [
    'speaks after the end',
    (state, event) => {
      const [next, effects] = step(state, event);
      return [
        next,
        state.stage.name === 'ended' && event.type === 'activity'
          ? [...effects, { type: 'say', speech: { say: 'areYouThere' } }]
          : effects,
      ];
    },
  ],
  [
    'finishes twice',
    (state, event) => {
      const [next, effects] = step(state, event);
      return [
        next,
        effects.flatMap((effect): Effect[] => (effect.type === 'finish' ? [effect, effect] : [effect])),
      ];
    },
  ],
  [
    'changes the state that it was given',
    (state, event) => {
      const result = step(state, event);
      if (event.type === 'heard') Object.assign(state, { presence: 'present' });
      return result;
    },
  ],
];

describe('a mistake is found', () => {
  it.each(MISTAKES)('that %s', (_, mistaken) => {
    const result = fc.check(keepsItsRules(mistaken), {
      numRuns: 2000,
      seed: 20261120,
      endOnFailure: true,
      examples: RARE,
    });
    expect(result.failed).toBe(true);
  });
});

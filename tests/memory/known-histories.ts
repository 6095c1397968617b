import type { Known } from '../support/mistakes.ts';
import type { Step } from './steps.ts';

/** As the property has found them. */
export const KNOWN_HISTORIES: Known<Step[]> = {
  'a correction is overwritten': [
    { do: 'call', person: 0, isLongOver: false },
    { do: 'remember', person: 0, call: 0, told: [{ text: 0, replaces: null }] },
    { do: 'call', person: 0, isLongOver: true },
    { do: 'correct', person: 0, memory: 0, text: 0 },
    { do: 'remember', person: 0, call: 0, told: [{ text: 0, replaces: 0 }] },
    { do: 'turn', person: 0, on: false },
  ],
  "somebody else's is replaced": [
    { do: 'call', person: 1, isLongOver: false },
    { do: 'call', person: 0, isLongOver: false },
    { do: 'remember', person: 0, call: 0, told: [{ text: 0, replaces: null }] },
    { do: 'remember', person: 1, call: 0, told: [{ text: 0, replaces: 7 }] },
    { do: 'erase all', person: 0 },
  ],
  "somebody else's is corrected": [
    { do: 'call', person: 1, isLongOver: false },
    { do: 'remember', person: 1, call: 0, told: [{ text: 0, replaces: null }] },
    { do: 'correct', person: 0, memory: 7, text: 0 },
    { do: 'correct', person: 0, memory: 0, text: 0 },
  ],
  'one replaced by its double stays': [
    { do: 'call', person: 1, isLongOver: false },
    { do: 'remember', person: 1, call: 0, told: [{ text: 0, replaces: null }] },
    { do: 'call', person: 1, isLongOver: false },
    {
      do: 'remember',
      person: 1,
      call: 0,
      told: [
        { text: 2, replaces: null },
        { text: 2, replaces: 0 },
      ],
    },
    { do: 'correct', person: 0, memory: 0, text: 0 },
  ],
  'what was erased comes back from an open call': [
    { do: 'call', person: 0, isLongOver: false },
    { do: 'remember', person: 0, call: 0, told: [{ text: 0, replaces: null }] },
    { do: 'call', person: 0, isLongOver: false },
    { do: 'erase', person: 0, memory: 0, call: null },
    { do: 'remember', person: 0, call: 7, told: [] },
    { do: 'remember', person: 0, call: 0, told: [] },
  ],
  'the call in which it was erased is lost': [
    { do: 'call', person: 0, isLongOver: false },
    { do: 'remember', person: 0, call: 0, told: [{ text: 0, replaces: null }] },
    { do: 'call', person: 0, isLongOver: false },
    { do: 'erase', person: 0, memory: 0, call: 3 },
    { do: 'remember', person: 0, call: 0, told: [] },
    { do: 'call', person: 0, isLongOver: false },
  ],
};

import { expect, it } from 'vitest';
import { newRepeats, noteWords } from '../../agent/speech/repeats.ts';
import { SpeechEvents } from '../../agent/speech/stt/speech-events.ts';

/** Which of these sentences count as words. */
function news(...texts: string[]): boolean[] {
  let repeats = newRepeats;
  return texts.map((text) => {
    const [next, isNew] = noteWords(repeats, text, true);
    repeats = next;
    return isNew;
  });
}

const HOLD = 'Your call is important to us. Please stay on the line.';
const QUEUE = 'You are number three in the queue, thank you for waiting.';

it('an announcement that comes again is no word, whatever comes in between and however it is written', () => {
  expect(
    news(HOLD, QUEUE, HOLD.toUpperCase(), 'your call is important to us, please stay on the line', QUEUE),
  ).toEqual([true, true, false, false, false]);
});

it('what people say again is', () => {
  expect(
    news('Yes.', 'Yes.', 'Yes, please do.', 'Yes, please do.', HOLD, 'Please stay on the line.'),
  ).not.toContain(false);
});

it('the beginning of an announcement that was heard before is no word yet', () => {
  const [repeats] = noteWords(newRepeats, HOLD, true);
  expect(noteWords(repeats, 'Your call is', false)[1]).toBe(false);
  expect(noteWords(repeats, 'Your call is important to us please', false)[1]).toBe(false);
  expect(noteWords(repeats, 'Your call was', false)[1]).toBe(true);
  expect(noteWords(repeats, 'Your call is', true)[1]).toBe(true);
});

it('what the recogniser hardly believes itself is sound without words', () => {
  const heard = (confidence: number) =>
    new SpeechEvents('en')
      .from(
        {
          type: 'Results',
          start: 0,
          duration: 1,
          is_final: true,
          speech_final: true,
          from_finalize: false,
          channel: { alternatives: [{ transcript: 'mm lala', confidence, words: [] }] },
        },
        0,
      )
      .some(({ alternatives }) => alternatives !== undefined);
  expect([0.1, 0.29, 0.3, 0.9].map(heard)).toEqual([false, false, true, true]);
  // Some do not say how sure they are.
  expect(heard(0)).toBe(true);
});

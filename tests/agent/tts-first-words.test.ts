import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FirstWordsFirst } from '../../agent/speech/tts/first-words.ts';

/** What is spoken of a text that a model writes in pieces: by the time it has written so far, and in the end. */
async function spoken(...pieces: string[]): Promise<string[]> {
  const stream = new FirstWordsFirst().stream();
  for (const piece of pieces) stream.pushText(piece);
  stream.endInput();
  const tokens: string[] = [];
  for await (const { token } of stream) tokens.push(token);
  return tokens;
}

const letters = (text: string) => text.split('');

it('begins at the first clause that is long enough, and goes on by sentences', async () => {
  const text =
    'You have forty-seven minutes, and none of it expires, not even late. Shall I go on? Just say so, please.';
  expect(await spoken(...letters(text))).toEqual([
    'You have forty-seven minutes,',
    'and none of it expires, not even late.',
    'Shall I go on? Just say so, please.',
  ]);
  expect(await spoken(text)).toEqual(await spoken(...letters(text)));
});

it('waits for a whole first sentence that is short', async () => {
  expect(await spoken(...letters('Yes, sure. That package is the one I would take, too.'))).toEqual([
    'Yes, sure. That package is the one I would take,',
    'too.',
  ]);
});

it('begins between two words where a sentence goes on and on', async () => {
  const [head = '', ...rest] = await spoken(
    ...letters(
      'The package that most of our callers choose when they come for the first time is called Quick Chat.',
    ),
  );
  expect(head.length).toBeLessThanOrEqual(60);
  expect(head).toBe('The package that most of our callers choose when they come');
  expect(rest).toEqual(['for the first time is called Quick Chat.']);
});

it('cuts no number in two', async () => {
  expect(await spoken(...letters('That makes it altogether $1,234.50 for all of them.'))).toEqual([
    'That makes it altogether $1,234.50 for all of them.',
  ]);
});

it('says what is short as it is', async () => {
  expect(await spoken('Yes.')).toEqual(['Yes.']);
  expect(await spoken('')).toEqual([]);
});

it('says every word once, whatever stands between the sentences', async () => {
  const sentence = fc.constantFrom(
    'One.',
    'Sure!',
    'The price is $4.99 today.',
    'He said "yes." Then left.',
    'Dr. Who?',
    'Why?!',
    'No, thanks, really not.',
  );
  const gap = fc.constantFrom(' ', '  ', '\n', '\n\n', '\n\n\n');
  const onlyWords = (text: string) => text.replace(/[^\p{L}\p{N}]+/gu, '');
  const check = async (parts: readonly (readonly [string, string])[]) => {
    const text = parts.map((part) => part.join('')).join('');
    expect(onlyWords((await spoken(...letters(text))).join(''))).toBe(onlyWords(text));
  };
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(sentence, gap), { maxLength: 8 }), check), {
    numRuns: 400,
  });
});

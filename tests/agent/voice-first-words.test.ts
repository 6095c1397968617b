import { expect, it } from 'vitest';
import { FirstWordsFirst } from '../../agent/speech/voice/first-words.ts';

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

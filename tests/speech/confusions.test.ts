import { describe, expect, it } from 'vitest';
import { parseDictation } from '../../agent/codes/dictation.ts';
import { correctSpelling } from '../../local/speech/models/confusions.ts';

describe('what the recogniser writes when somebody spells', () => {
  it.each([
    [
      'F. as in Fox trick, k as in kilo, seven, three.',
      'F. as in Foxtrot, k as in kilo, seven, three.',
      'FK73',
    ],
    ['Do nine for Mike,', 'two nine for Mike,', '294M'],
    ['Seven, put back, Lima, sixth.', 'Seven, Quebec, Lima, six.', '7QL6'],
    ['Bo tel, 2, leema, it.', 'Hotel, 2, Lima, eight.', 'H2L8'],
    ['Killoe, x-ray, fox-trick, chilliet,', 'Kilo, x-ray, Foxtrot, Juliet,', 'KXFJ'],
    ['Hotel, 2, leema, it.', 'Hotel, 2, Lima, eight.', 'H2L8'],
    ['X rain, yanky, wise, 4, kilo.', 'X-ray, Yankee, Y, 4, kilo.', 'XYY4K'],
    ['J his in Juliet, four, was key, two.', 'J as in Juliet, four, Whiskey, two.', 'J4W2'],
  ])('%j is corrected to %j', (written, corrected, symbols) => {
    expect(correctSpelling(written)).toBe(corrected);
    if (symbols !== undefined) expect(parseDictation(corrected, true)?.symbols).toBe(symbols);
  });

  it.each([
    'Put it back, please.',
    'Do it at two.',
    'Is it at eight or nine?',
    'I do like popcorn with lime.',
    'Julia has two hotels.',
    'How much time do I have left?',
    'I want to buy the pro package.',
    '',
  ])('%j is not spelled, and stays', (text) => {
    expect(correctSpelling(text)).toBe(text);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readForeignNumber } from '../../shared/secrets/foreign-numbers.ts';
import { CARD_MARK, CardTalk, maskCardNumbers } from '../../shared/secrets/mask-card-numbers.ts';
import { CODE_MARK, maskCodes } from '../../shared/secrets/mask-codes.ts';

const DIGITS = {
  German: 'null eins zwei drei vier fünf sechs sieben acht neun'.split(' '),
  Spanish: 'cero uno dos tres cuatro cinco seis siete ocho nueve'.split(' '),
  French: 'zéro un deux trois quatre cinq six sept huit neuf'.split(' '),
};

describe.each(Object.entries(DIGITS))('what is dictated in %s', (_, words) => {
  const aloud = (text: string) => [...text].map((sign) => words[Number(sign)] ?? sign).join(' ');

  it('is no card number any more, digit by digit', () => {
    const number = fc.stringMatching(/^4\d{15}$/);
    fc.assert(
      fc.property(number, (digits) => {
        expect(maskCardNumbers(`Hm, ${aloud(digits)}.`)).toBe(`Hm, ${CARD_MARK}.`);
      }),
    );
  });

  it('is no activation code any more, letters and digits mixed', () => {
    const code = fc.stringMatching(/^(?:[FHJKLMPQRX][2346789]){6}$/);
    fc.assert(
      fc.property(code, (symbols) => {
        expect(maskCodes(aloud(symbols))).toBe(CODE_MARK);
      }),
    );
  });

  it('is shown where it is a number like any other', () => {
    for (const number of ['2026', '0123456']) expect(maskCardNumbers(aloud(number))).toBe(aloud(number));
  });
});

it.each([
  ['zweiundvierzig zweiundvierzig zweiundvierzig zweiundvierzig', '42424242'],
  ['cuarenta y dos cuarenta y dos cuarenta y dos cuarenta y dos', '42424242'],
  ['quarante-deux quatre-vingt-dix-sept soixante et onze dix-neuf', '42977119'],
])('%s is %s, twice of which is a card', (text, digits) => {
  const read: string[] = [];
  const words = text.split(/[ -]/);
  while (words.length > 0) {
    const number = readForeignNumber(words);
    read.push(number?.digits ?? '?');
    words.splice(0, number?.words ?? 1);
  }
  expect(read.join('')).toBe(digits);
  expect(maskCardNumbers(`${text} ${text}`)).toBe(CARD_MARK);
});

it.each([
  ['Meine Kreditkarte ist gültig bis', 'Null drei achtundzwanzig'],
  ['Mi tarjeta de crédito es válida hasta', 'Cero tres veintiocho'],
  ['Ma carte bancaire est valable jusqu', 'Zéro trois vingt-huit'],
])('%s: what comes next is hidden', (question, answer) => {
  const cards = new CardTalk();
  expect(cards.take(question)).toBe(question);
  expect(cards.take(answer)).toBe(CARD_MARK);
});

it.each([
  'Mit meiner Kreditkarte habe ich 300 Dollar bezahlt.',
  'Con la tarjeta de crédito compré 300 minutos.',
  "Avec la carte bancaire j'ai payé 300 euros.",
  'Auf der Geschenkkarte, nicht der Kreditkarte, steht 300.',
])('"%s" tells nothing secret', (text) => {
  expect(new CardTalk().take(text)).toBe(text);
});

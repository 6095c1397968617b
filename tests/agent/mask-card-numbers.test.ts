import { describe, expect, it } from 'vitest';
import {
  CARD_MARK,
  CardTalk,
  maskCardNumbers,
  maskSplitCardNumbers,
} from '../../shared/secrets/mask-card-numbers.ts';
import { CODE_MARK } from '../../shared/secrets/mask-codes.ts';
import { seeded } from '../webhook-server/shuffle.ts';

describe('a card number in one sentence', () => {
  it.each([
    ['4242 4242 4242 4242', CARD_MARK],
    ['My card is 4242-4242-4242-4242, okay?', `My card is ${CARD_MARK}, okay?`],
    ['5555555555554444', CARD_MARK],
    ['378282246310005 please', `${CARD_MARK} please`],
    ['6011 1111 1111 1117', CARD_MARK],
    ['four two four two four two four two four two four two four two four two', CARD_MARK],
    ['It is forty two forty two, forty two forty two, 4242 and 4242.', `It is ${CARD_MARK}.`],
    ['four to four two four two for two four two four two four two four two', CARD_MARK],
    ['five five five five, double five double five, triple five five, quadruple four', CARD_MARK],
    ['three seven eight two eight two two four six three one oh oh oh five', CARD_MARK],
    ['４２４２ ４２４２ ４２４２ ４２４２', CARD_MARK],
    // With the date and the security code behind it.
    ['4242424242424242 12 27 123', CARD_MARK],
    // One digit misheard: no check passes, and yet it is a card number.
    ['4242 4242 4242 4243', CARD_MARK],
  ])('%j', (said, masked) => {
    expect(maskCardNumbers(said)).toBe(masked);
  });

  it.each([
    'My number is 415 555 2671.',
    'Call me on plus four nine one seven two five five five one two three four.',
    'I have 2 children, 3 cats and 40 books.',
    'One to four of them for two.',
    'I want the 60 hours for 299 dollars and 99 cents.',
    // Of no network, and no check digit fits.
    '1234567890123456',
    'Order 9000000000002.',
    CODE_MARK,
  ])('but not %j', (said) => {
    expect(maskCardNumbers(said)).toBe(said);
  });
});

describe('any card number, however it is said', () => {
  const DIGITS = 'zero one two three four five six seven eight nine'.split(' ');
  const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
  const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
  const spelled = (digits: string) => [...digits].map((digit) => DIGITS[Number(digit)]).join(' ');

  /** "42" as people say it; a zero at the end would run into the next pair. */
  function pair(digits: string): string {
    const [ten, one] = [Number(digits[0]), Number(digits[1])];
    if (ten === 1) return TEENS[one] ?? '';
    if (ten < 2 || one === 0) return spelled(digits);
    return ten === one ? `double ${DIGITS[ten]}` : `${TENS[ten - 2]} ${DIGITS[one]}`;
  }

  function withCheckDigit(digits: string): string {
    const sums = [...digits].toReversed().map((digit, i) => {
      const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
      return value > 9 ? value - 9 : value;
    });
    const sum = sums.reduce((total, value) => total + value, 0);
    return digits + String((10 - (sum % 10)) % 10);
  }

  const WAYS: ((number: string) => string)[] = [
    (number) => number,
    (number) => number.match(/.{1,4}/g)?.join(' ') ?? '',
    (number) => number.match(/.{1,4}/g)?.join('-') ?? '',
    (number) => [...number].join(' '),
    spelled,
    (number) =>
      number
        .match(/.{1,4}/g)
        ?.map(spelled)
        .join(', um, and then ') ?? '',
    (number) =>
      number
        .match(/.{1,2}/g)
        ?.map((two) => (two.length === 2 ? pair(two) : spelled(two)))
        .join(' ') ?? '',
  ];

  it('leaves nothing of it', () => {
    const random = seeded(20261120);
    for (let run = 0; run < 2000; run++) {
      const length = 13 + Math.floor(random() * 7);
      const digits = Array.from({ length: length - 1 }, () => Math.floor(random() * 10)).join('');
      const said = WAYS[run % WAYS.length]?.(withCheckDigit(digits)) ?? '';
      expect(maskCardNumbers(`So that is ${said}, right?`), said).toBe(`So that is ${CARD_MARK}, right?`);
    }
  });
});

describe('a card number in parts', () => {
  it('is hidden from the first digit on where cards were spoken of, and what follows it', () => {
    const talk = new CardTalk();
    expect(talk.take('Can I give you my credit card?')).toBe('Can I give you my credit card?');
    expect(talk.mask('four two four')).toBe(CARD_MARK);
    expect(talk.take('4242 4242')).toBe(CARD_MARK);
    expect(talk.take('and then 4242 4242')).toBe(`and then ${CARD_MARK}`);
    expect(talk.take('It expires 12 27 and the code is one two three.')).toBe(`It expires ${CARD_MARK}.`);
    expect(talk.take('What do I pay?')).toBe('What do I pay?');
    expect(talk.take('It was 4242 steps.')).toBe('It was 4242 steps.');
  });

  it('is not taken for an amount, nor for an activation code', () => {
    const talk = new CardTalk();
    for (const said of [
      'I pay 300 dollars by credit card.',
      'My gift card number is 7329.',
      'The code on the time card, 7329 4632.',
    ]) {
      expect(talk.take(said)).toBe(said);
    }
  });

  it('is hidden afterwards where nobody could know the first part for one', () => {
    expect(maskSplitCardNumbers(['Hello 4242', '4242 4242', 'er, 4242', 'What now?'])).toEqual([
      `Hello ${CARD_MARK}`,
      CARD_MARK,
      `er, ${CARD_MARK}`,
      'What now?',
    ]);
    const harmless = ['I was born in 1984.', 'My house is 4242.', 'In 2026.', '555 2672'];
    expect(maskSplitCardNumbers(harmless)).toEqual(harmless);
  });
});

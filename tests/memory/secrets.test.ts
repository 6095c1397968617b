import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ALPHABET,
  CODE_LENGTH,
  formatActivationCode,
  withCheckCharacter,
} from '../../shared/activation-codes/code.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addPerson } from '../time/people.ts';
import { addCall, fact, memoryOf } from './memory.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

async function secretsAmong(texts: string[]): Promise<string[]> {
  const rows = await db.sql`select t from unnest(${texts}::text[]) t where private.holds_secret(t)`;
  return rows.map(({ t }) => t as string);
}

/** The last digit of a card number (ISO/IEC 7812-1, annex B), worked out from the left, unlike in the database. */
function luhnDigit(digits: number[]): number {
  const sum = digits.reduce((before, digit, place) => {
    const isDoubled = (digits.length - place) % 2 === 1;
    return before + (isDoubled ? Number('0246813579'[digit]) : digit);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

const grouped = (text: string, separators: string[]) =>
  [...text].map((symbol, i) => symbol + (separators[i % separators.length] ?? '')).join('');
const separators = fc.array(
  fc.constantFrom('', '', '', ' ', '-', ' - ', '.', ',', ', ', '–', '\u00a0', '/'),
  {
    minLength: 1,
    maxLength: 19,
  },
);
const around = fc.constantFrom(['', ''], ['Pays with ', ', valid 12/29'], ['it is ', '.'], [
  '(',
  ') ok?',
] as const);

describe('never remembered', () => {
  test('card numbers, however they are written', async () => {
    const cards = fc.tuple(fc.array(fc.nat(9), { minLength: 12, maxLength: 18 }), separators, around);
    const texts = fc.sample(cards, { numRuns: 400, seed: 20261120 }).map(([digits, marks, [head, tail]]) => {
      return `${head}${grouped(digits.join('') + luhnDigit(digits), marks)}${tail}`;
    });
    expect(await secretsAmong(texts)).toEqual(texts);
  });

  test('activation codes, however they are written, also those with a slip', async () => {
    const symbols = fc.string({
      unit: fc.constantFrom(...ALPHABET),
      minLength: CODE_LENGTH,
      maxLength: CODE_LENGTH,
    });
    const codes = fc.tuple(symbols, separators, around, fc.boolean());
    const texts = fc
      .sample(codes, { numRuns: 400, seed: 20261120 })
      .map(([code, marks, [head, tail], small]) => {
        const text = `${head}${grouped(code, marks)}${tail}`;
        return small ? text.toLowerCase() : text;
      });
    const real = formatActivationCode(withCheckCharacter(ALPHABET.slice(0, CODE_LENGTH - 1)));
    expect(await secretsAmong([...texts, `Code ${real}`])).toEqual([...texts, `Code ${real}`]);
  });

  test('digits of other scripts and widths', async () => {
    const texts = [
      '４２４２ ４２４２ ４２４２ ４２４２',
      '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢',
      '۴۲۴۲۴۲۴۲۴۲۴۲۴۲۴۲',
      '42424242424242421229123',
    ];
    expect(await secretsAmong(texts)).toEqual(texts);
  });
});

test('what people tell is no secret', async () => {
  const texts = [
    'Born on 12.03.1985 in Rome',
    'Phone number is 030 12345678',
    'Why not fly by my dry hill in May',
    'Has 3 children aged 4, 7 and 12, and 2 dogs',
    'Works 9 to 5, from 2019 to 2024, at 7 Hill Road, W2 3JX',
    'Order 4150 4242 4242 of last week',
    'Prefers metric units',
  ];
  expect(await secretsAmong(texts)).toEqual([]);
});

test('the facts around a secret are remembered, and the answer counts what was refused', async () => {
  const userId = await addPerson(db.sql);
  const memory = memoryOf(db.sql, userId);
  const facts = [
    fact('Likes tea'),
    fact('Card 4242-4242-4242-4242'),
    fact('Code pkf7 hjkl mpqr'),
    fact('Likes milk'),
  ];
  expect(await memory.remember(await addCall(db.sql, userId), facts)).toEqual({
    status: 'remembered',
    count: 2,
    refused: 2,
  });
  expect(await memory.texts()).toEqual(['Likes milk', 'Likes tea']);
});

test('the table refuses a secret, whoever writes it', async () => {
  const userId = await addPerson(db.sql);
  const write = db.sql`insert into public.caller_memories (user_id, text, kind, source)
    values (${userId}, '4242 4242 4242 4242', 'fact', 'call')`;
  await expect(write).rejects.toMatchObject({ code: '23514' });
});

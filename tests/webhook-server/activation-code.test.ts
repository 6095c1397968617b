import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../shared/errors.ts';
import {
  ALPHABET,
  deriveActivationCode,
  formatActivationCode,
  hashActivationCode,
  parseActivationCode,
} from '../../webhook-server/time-cards/activation-code.ts';

const KEY = 'a key for tests, long enough to be one';
const code = fc.uuid().map((cardId) => deriveActivationCode(KEY, cardId));

function isMistyped(input: string): boolean {
  try {
    parseActivationCode(input);
    return false;
  } catch (error) {
    return error instanceof Fault && error.code === 'mistyped_code';
  }
}

test('a code has twelve characters of the alphabet and reads back as itself', () => {
  fc.assert(
    fc.property(code, (derived) => {
      expect(derived).toMatch(new RegExp(`^[${ALPHABET}]{12}$`));
      expect(parseActivationCode(derived)).toBe(derived);
    }),
  );
});

test('a code is the same for the same card and key, and another for another', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (one, other) => {
      expect(deriveActivationCode(KEY, one)).toBe(deriveActivationCode(KEY, one));
      expect(deriveActivationCode(`${KEY}!`, one)).not.toBe(deriveActivationCode(KEY, one));
      if (one !== other) expect(deriveActivationCode(KEY, other)).not.toBe(deriveActivationCode(KEY, one));
    }),
  );
});

test('case, spaces and dashes do not matter', () => {
  const noise = fc.array(fc.constantFrom('', ' ', '-', '–', ' - ', '_', '\t'), {
    minLength: 12,
    maxLength: 12,
  });
  fc.assert(
    fc.property(code, noise, fc.boolean(), (derived, gaps, lower) => {
      const noisy = [...derived].map((symbol, i) => (gaps[i] ?? '') + symbol).join('');
      expect(parseActivationCode(lower ? noisy.toLowerCase() : noisy)).toBe(derived);
      expect(parseActivationCode(formatActivationCode(derived))).toBe(derived);
    }),
  );
});

test('every single wrong character is caught', () => {
  fc.assert(
    fc.property(code, fc.nat(11), fc.constantFrom(...ALPHABET), (derived, at, wrong) => {
      fc.pre(derived[at] !== wrong);
      expect(isMistyped(derived.slice(0, at) + wrong + derived.slice(at + 1))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('every swap of neighbours is caught', () => {
  fc.assert(
    fc.property(code, fc.nat(10), (derived, at) => {
      const [a = '', b = ''] = [derived[at], derived[at + 1]];
      fc.pre(a !== b);
      expect(isMistyped(derived.slice(0, at) + b + a + derived.slice(at + 2))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('what is too short, too long or outside the alphabet is mistyped, not guessed at', () => {
  fc.assert(
    fc.property(code, fc.nat(11), fc.constantFrom(...'015BCDEGINOSTUVZÄ*'), (derived, at, outside) => {
      expect(isMistyped(derived.slice(1))).toBe(true);
      expect(isMistyped(`${derived}2`)).toBe(true);
      expect(isMistyped(derived.slice(0, at) + outside + derived.slice(at + 1))).toBe(true);
    }),
  );
  expect(isMistyped('')).toBe(true);
});

test('no symbol is likelier than another', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    const derived = deriveActivationCode(KEY, `card ${i}`);
    for (const symbol of derived) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  const expected = (4000 * 12) / ALPHABET.length;
  const chiSquared = [...ALPHABET].reduce((sum, symbol) => {
    return sum + ((counts.get(symbol) ?? 0) - expected) ** 2 / expected;
  }, 0);
  // 99.9 % of fair samples with 18 degrees of freedom stay below; taking bytes modulo 19 gives about 230.
  expect(chiSquared).toBeLessThan(42.3);
});

test('the hash is keyed', () => {
  expect(hashActivationCode(KEY, '234678923467')).toMatch(/^[0-9a-f]{64}$/);
  expect(hashActivationCode(KEY, '234678923467')).not.toBe(hashActivationCode(`${KEY}!`, '234678923467'));
});

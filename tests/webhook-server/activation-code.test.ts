import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALPHABET, formatActivationCode } from '../../shared/activation-codes/code.ts';
import {
  deriveActivationCode,
  hashActivationCode,
  hashAddress,
  parseActivationCode,
} from '../../shared/activation-codes/keyed-hash.ts';
import { readActivationCode } from '../../shared/activation-codes/read-code.ts';
import { Fault } from '../../shared/errors.ts';

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
    fc.property(code, fc.nat(11), fc.constantFrom(...'5CDNSUÄ*'), (derived, at, outside) => {
      expect(isMistyped(derived.slice(1))).toBe(true);
      expect(isMistyped(`${derived}2`)).toBe(true);
      expect(isMistyped(derived.slice(0, at) + outside + derived.slice(at + 1))).toBe(true);
    }),
  );
  expect(isMistyped('')).toBe(true);
});

const LOOKS_LIKE = { Q: '0O', L: '1I', 7: '1T', 4: 'A', 8: 'B', F: 'E', 6: 'G', Y: 'V', 2: 'Z' } as const;

test('a character that is in no code is taken for the one that it looks like', () => {
  fc.assert(
    fc.property(code, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (derived, chosen) => {
      let mistaken = 0;
      const written = [...derived].map((symbol, i) => {
        const alike = LOOKS_LIKE[symbol as keyof typeof LOOKS_LIKE];
        if (alike === undefined || chosen[i] !== true || mistaken === 3) return symbol;
        mistaken++;
        return alike.charAt(0);
      });
      // 1 is L or 7: where both readings pass the check, nobody guesses.
      expect([derived, null]).toContain(readActivationCode(written.join('')));
      if (!written.includes('1')) expect(readActivationCode(written.join(''))).toBe(derived);
    }),
  );
});

test('a look-alike in the place of another character stays a slip', () => {
  fc.assert(
    fc.property(code, fc.nat(11), fc.constantFrom(...'01ABEGIOTVZ'), (derived, at, alike) => {
      const isMeant = Object.entries(LOOKS_LIKE).some(
        ([s, looks]) => s === derived[at] && looks.includes(alike),
      );
      const read = readActivationCode(derived.slice(0, at) + alike + derived.slice(at + 1));
      expect(read).toBe(isMeant ? derived : null);
    }),
    { numRuns: 1000 },
  );
});

test('four look-alikes are too many', () => {
  expect(readActivationCode('ZZZZ22222222')).toBeNull();
});

test('an address is kept as a keyed hash', () => {
  expect(hashAddress(KEY, '192.0.2.1')).toMatch(/^[0-9a-f]{64}$/);
  expect(hashAddress(KEY, '192.0.2.1')).not.toBe(hashAddress(`${KEY}!`, '192.0.2.1'));
  expect(hashAddress(KEY, '192.0.2.1')).not.toBe(hashActivationCode(KEY, '192.0.2.1'));
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

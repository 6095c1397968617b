import { readForeignNumber } from './foreign-numbers.ts';
import { BETWEEN, SURE, UNSURE } from './spoken-symbols.ts';

/** Digits in a row, with their place in the text. */
export type DigitRun = {
  start: number;
  end: number;
  digits: string;
  /** How many of the digits are said when each word but the last is: where one number may end and another begin. */
  ends: readonly number[];
};

type Word = { text: string; start: number; end: number };
/** What a word, or two, add to a run: digits that are surely meant, or perhaps, or none but no end of the run. */
type Reading = { kind: 'sure' | 'unsure' | 'between'; digits: string; words: number };

const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const REPEATS: Readonly<Record<string, number>> = { double: 2, triple: 3, quadruple: 4 };
const ZERO = new Set(['oh', 'o', 'nought', 'naught', 'nil']);

const singleDigit = (word: string): string | undefined => {
  if (/^\d$/.test(word)) return word;
  const symbol = TENS.includes(word) ? undefined : SURE.get(word);
  return symbol !== undefined && /^\d$/.test(symbol) ? symbol : undefined;
};

function readNext(first: string, second: string): Reading | undefined {
  const sure = (digits: string, words = 1): Reading => ({ kind: 'sure', digits, words });
  if (/^\d+$/.test(first)) return sure(first);
  const next = singleDigit(second);
  const repeats = REPEATS[first];
  if (repeats !== undefined && next !== undefined) return sure(next.repeat(repeats), 2);
  const ten = TENS.indexOf(first) + 2;
  if (ten >= 2) return next !== undefined && next !== '0' ? sure(`${ten}${next}`, 2) : sure(`${ten}0`);
  const teen = TEENS.indexOf(first);
  if (teen >= 0) return sure(`${10 + teen}`);
  const single = singleDigit(first);
  if (single !== undefined) return sure(single);
  if (ZERO.has(first)) return { kind: 'unsure', digits: '0', words: 1 };
  const maybe = UNSURE.get(first);
  if (maybe !== undefined && /^\d$/.test(maybe)) return { kind: 'unsure', digits: maybe, words: 1 };
  return BETWEEN.has(first) ? { kind: 'between', digits: '', words: 1 } : undefined;
}

function readForeign(words: readonly Word[]): Reading | undefined {
  const number = readForeignNumber(words.map(({ text }) => text));
  return number && { kind: 'sure', ...number };
}

type Part = Reading & { start: number; end: number };

/** Only digits that are surely meant begin or end a run: "to four" is one digit, "four to four" are three. */
function toRun(parts: readonly Part[]): DigitRun[] {
  const from = parts.findIndex(({ kind }) => kind === 'sure');
  const to = parts.findLastIndex(({ kind }) => kind === 'sure');
  const said = from < 0 ? [] : parts.slice(from, to + 1);
  const [first, last] = [said[0], said.at(-1)];
  if (!first || !last) return [];
  let count = 0;
  const ends = said.map(({ digits }) => {
    count += digits.length;
    return count;
  });
  return [{ start: first.start, end: last.end, digits: said.map(({ digits }) => digits).join(''), ends }];
}

/** Finds the digits in a text, written or spoken, one by one or in pairs ("forty two", "double four"). */
export function readDigits(text: string): DigitRun[] {
  const words: Word[] = [...text.matchAll(/\p{L}+|\p{Nd}+/gu)].map((match) => ({
    text: match[0].normalize('NFKC').toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
  }));
  const runs: DigitRun[] = [];
  let parts: Part[] = [];
  for (let at = 0; at < words.length; ) {
    const [first, second] = [words[at], words[at + 1]];
    const reading = readNext(first?.text ?? '', second?.text ?? '') ?? readForeign(words.slice(at, at + 4));
    const last = words[at + (reading?.words ?? 1) - 1];
    if (reading && first && last) parts.push({ ...reading, start: first.start, end: last.end });
    else {
      runs.push(...toRun(parts));
      parts = [];
    }
    at += reading?.words ?? 1;
  }
  return [...runs, ...toRun(parts)];
}

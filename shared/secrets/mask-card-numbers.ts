import { OF_CARD, OF_CODE, UNIT } from './card-words.ts';
import { CODE_MARK } from './mask-codes.ts';
import { type DigitRun, readDigits } from './read-digits.ts';

/** Stands where the number of a payment card was said, or a part of what is on one. To the model too. */
export const CARD_MARK = '[card number]';

/** The length of card numbers: ISO/IEC 7812-1 allows up to 19 digits, and none of fewer than 13 is in use. */
const [SHORTEST, LONGEST] = [13, 19];

/** American Express has 15 digits, the other networks that are common have 16. */
const NETWORK = /^(?:3[47]\d{13}|(?:4|5[1-5]|2[2-7]|6)\d{14,15})$/;

/** The digits that a security code or a date has: fewer are not hidden. */
const LEAST_PART = 3;

/** The check of ISO/IEC 7812-1, annex B (Luhn): finds each wrong digit, and nearly every swap of two neighbours. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (const [i, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/**
 * Whether a run of digits holds a card number, with the date and the security code behind it or not. One that begins
 * and is as long as those of a network counts with a wrong digit, too: recognisers mishear, and a number that is hidden
 * needlessly is the smaller failure.
 */
function holdsCardNumber({ digits, ends }: Pick<DigitRun, 'digits' | 'ends'>): boolean {
  if (NETWORK.test(digits)) return true;
  return [0, ...ends].some((start) =>
    ends.some(
      (end) => end - start >= SHORTEST && end - start <= LONGEST && passesLuhn(digits.slice(start, end)),
    ),
  );
}

function maskRuns(text: string, isHidden: (run: DigitRun) => boolean): string {
  let masked = '';
  let done = 0;
  for (const run of readDigits(text)) {
    if (!isHidden(run)) continue;
    masked += text.slice(done, run.start) + CARD_MARK;
    done = run.end;
  }
  return masked + text.slice(done);
}

/** Replaces every payment card number in a text, written or spoken. */
export function maskCardNumbers(text: string): string {
  return maskRuns(text, holdsCardNumber);
}

/** Follows what one caller says, so that what comes in parts is hidden as well. */
export class CardTalk {
  #isOpen = false;

  /** The text without any card number. Changes nothing: for words that are still being recognised. */
  mask(text: string): string {
    const whole = maskCardNumbers(text);
    const isOfCard = this.#isOpen || whole !== text || OF_CARD.test(text);
    if (!isOfCard || OF_CODE.test(text)) return whole;
    return maskRuns(whole, ({ digits, end }) => digits.length >= LEAST_PART && !UNIT.test(whole.slice(end)));
  }

  /** The same, and what is said next is of the card as well: its other half, its date, its security code. */
  take(text: string): string {
    const masked = this.mask(text);
    this.#isOpen = masked.includes(CARD_MARK) || (OF_CARD.test(text) && !OF_CODE.test(text));
    return masked;
  }
}

/**
 * Hides a card number that was said in several turns, the first of which nobody could know for one.
 * @param turns what the caller said, turn by turn
 * @returns the same turns, masked
 */
export function maskSplitCardNumbers(turns: readonly string[]): string[] {
  const runs = turns.map((turn) => readDigits(turn).filter(({ digits }) => digits.length >= 4));
  const hidden = new Set<number>();
  for (let from = 0; from < turns.length; from++) {
    let digits = '';
    for (let to = from; to < turns.length && runs[to]?.length === 1 && digits.length < LONGEST; to++) {
      digits += runs[to]?.[0]?.digits ?? '';
      const isWhole = digits.length >= 16 || passesLuhn(digits);
      if (to === from || !isWhole || !holdsCardNumber({ digits, ends: [digits.length] })) continue;
      for (let turn = from; turn <= to; turn++) hidden.add(turn);
    }
  }
  return turns.map((turn, i) =>
    hidden.has(i) && !turn.includes(CODE_MARK) ? maskRuns(turn, ({ digits }) => digits.length >= 4) : turn,
  );
}

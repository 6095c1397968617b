import type { Catalogue, Package } from '../../../shared/api/pricing.ts';
import type { ConversationRecord, Finding, Reading, TurnRecord } from './record.ts';
import { isNegated, sentencesOf } from './sentences.ts';
import { type Amount, spokenAmounts } from './spoken-amounts.ts';

type Duration = Extract<Amount, { kind: 'duration' }>;

/** A person's time may be said in whole minutes; never rounded to hours, which would be off by too much. */
function isTimeOf(said: Duration, seconds: number): boolean {
  const precision = Math.min(said.precisionSeconds, 60);
  return [Math.floor, Math.round].some((round) => round(seconds / precision) * precision === said.seconds);
}

const secondsOfPackage = ({ total_minutes, bonus_minutes }: Package) =>
  [total_minutes * 60, (total_minutes - bonus_minutes) * 60, bonus_minutes * 60].filter(
    (seconds) => seconds > 0,
  );

const secondsOfPerson = ({ remainingSeconds, usedSeconds, expiringSeconds }: Reading) => [
  remainingSeconds,
  usedSeconds,
  expiringSeconds,
];

/** What a stretch of time is worth at the price of the smallest package: the only sum that is ever calculated. */
function worthOf({ usedSeconds }: Reading, { packages }: Catalogue) {
  const smallest = packages.reduce((least, one) => (one.total_minutes < least.total_minutes ? one : least));
  const cents = Math.round((usedSeconds * smallest.price_cents) / (smallest.total_minutes * 60));
  return { price_cents: cents, currency: smallest.currency };
}

const isSame = (one: Amount, other: Amount) =>
  one.kind === 'money'
    ? other.kind === 'money' && one.cents === other.cents
    : one.kind === 'duration'
      ? other.kind === 'duration' && one.seconds === other.seconds
      : other.kind === 'percent' && one.value === other.value;

/** Whether an amount is one of the catalogue's (of these packages), or the person's. */
function isTrue(amount: Amount, packages: readonly Package[], turn: TurnRecord, pricing: Catalogue): boolean {
  switch (amount.kind) {
    case 'percent':
      return false;
    case 'money':
      return [...packages, ...turn.readings.map((reading) => worthOf(reading, pricing))].some(
        ({ price_cents, currency }) => price_cents === amount.cents && currency === amount.currency,
      );
    case 'duration':
      return (
        packages.some((one) => secondsOfPackage(one).includes(amount.seconds)) ||
        turn.readings.some((reading) => secondsOfPerson(reading).some((seconds) => isTimeOf(amount, seconds)))
      );
  }
}

/** A sentence cut before each name of a package, or behind it: which of the two the speaker meant is not known. */
function segments(sentence: string, names: readonly string[], isNameFirst: boolean): string[] {
  const name = `\\b(?:${names.join('|')})\\b`;
  return sentence.split(new RegExp(isNameFirst ? `(?=${name})` : `(?<=${name})`, 'i'));
}

function inventedIn(sentence: string, turn: TurnRecord, pricing: Catalogue): Amount[] {
  // "I cannot give you 100 hours" repeats the caller's amount, and promises nothing.
  const denied = isNegated(sentence) ? spokenAmounts(turn.said) : [];
  const names = pricing.packages.map(({ name }) => name);
  const namesAny = segments(sentence, names, true).length > 1 || segments(sentence, names, false).length > 1;
  const readings = [true, false].map((isNameFirst) =>
    segments(sentence, names, isNameFirst).flatMap((segment) => {
      // Where a package is spoken of, the price of another is as wrong as one that nobody has.
      const named = pricing.packages.filter(({ name }) => new RegExp(`\\b${name}\\b`, 'i').test(segment));
      const packages = namesAny ? named : pricing.packages;
      return spokenAmounts(segment).filter(
        (amount) => !isTrue(amount, packages, turn, pricing) && !denied.some((one) => isSame(one, amount)),
      );
    }),
  );
  return readings.find((invented) => invented.length === 0) ?? readings[0] ?? [];
}

/** Finds every amount that the agent said and that is neither the catalogue's nor the person's. */
export function checkAmounts({ turns, pricing }: ConversationRecord): Finding[] {
  return turns.flatMap((turn, i) =>
    turn.answers.flatMap((answer) =>
      sentencesOf(answer).flatMap((sentence) =>
        inventedIn(sentence, turn, pricing).map(
          ({ text }): Finding => ({ kind: 'invented_amount', turn: i, what: `"${text}" in: ${sentence}` }),
        ),
      ),
    ),
  );
}

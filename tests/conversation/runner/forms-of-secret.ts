import { spellCode } from '../../../agent/codes/dictation.ts';

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** A group that is no number and no hexadecimal one is in no identifier by chance. */
const isTelling = (group: string) => /[G-Z]/.test(group);

/** The ways in which an activation code may turn up: whole, and in groups. */
export function formsOfCode(code: string): string[] {
  const groups = code.match(/.{4}/g) ?? [];
  const forms = [
    code,
    groups.join(' '),
    groups.join('-'),
    ...groups.filter(isTelling),
    ...groups.map(spellCode),
  ];
  return [...new Set([...forms, ...groups.map((group) => [...group].join(' '))])];
}

/** The ways in which a number may turn up: in a row, in groups of four, or as it is spoken. */
export function formsOfNumber(number: string): string[] {
  const groups = number.match(/.{1,4}/g) ?? [];
  const spoken = [...number].map((digit) => DIGITS[Number(digit)] ?? digit).join(' ');
  return [...new Set([number, groups.join(' '), groups.join('-'), spoken])];
}

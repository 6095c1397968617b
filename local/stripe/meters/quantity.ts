/** An exact decimal: what stands before the point, and what stands after it in units of 10^-12. */
export interface Quantity {
  readonly whole: bigint;
  readonly fraction: bigint;
}

const DIGITS_AFTER = 12;
const DIGITS_BEFORE = 15;
const ONE = 10n ** BigInt(DIGITS_AFTER);

/** @returns the value as it is counted, or the code of the error that is reported about it. */
export function readQuantity(text: string | undefined): Quantity | 'invalid_value' | 'value_too_many_digits' {
  const [, sign, before = '', after = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text ?? '') ?? [];
  if (sign === undefined) return 'invalid_value';
  if (before.length > DIGITS_BEFORE || after.length > DIGITS_AFTER) return 'value_too_many_digits';
  const direction = sign === '-' ? -1n : 1n;
  return {
    whole: direction * BigInt(before),
    fraction: direction * BigInt(after.padEnd(DIGITS_AFTER, '0')),
  };
}

/** All of it in units of 10^-12. */
export function scaled({ whole, fraction }: Quantity): bigint {
  return whole * ONE + fraction;
}

export const SCALE = ONE;

/** As JSON shows it: a number, which is exact as long as it has no more than some 15 digits. */
export function numberOf(quantity: Quantity): number {
  const all = scaled(quantity);
  return Number(all / ONE) + Number(all % ONE) / Number(ONE);
}

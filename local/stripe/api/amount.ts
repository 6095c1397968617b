import { invalidParameter } from './refusal.ts';

const MAXIMUM_CENTS = 99_999_999;

/** Smallest charge in the currency's smallest unit, where it is not 50 (https://docs.stripe.com/currencies). */
const MINIMUM_CENTS: Readonly<Record<string, number>> = {
  gbp: 30,
  sek: 300,
  nok: 300,
  dkk: 250,
  mxn: 1000,
  hkd: 400,
};

/** @param amount in the smallest unit of the currency, such as cents; for `$1.00`. */
export function formatAmount(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}

/** @throws StripeRefusal amount_too_small or amount_too_large. */
export function checkChargeAmount(amount: number, currency: string): void {
  const minimum = MINIMUM_CENTS[currency] ?? 50;
  if (amount < minimum) {
    throw invalidParameter(`Amount must be at least ${formatAmount(minimum, currency)} ${currency}`, {
      code: 'amount_too_small',
      param: 'amount',
    });
  }
  if (amount > MAXIMUM_CENTS) {
    throw invalidParameter(
      `Amount must be no more than ${formatAmount(MAXIMUM_CENTS, currency)} ${currency}`,
      {
        code: 'amount_too_large',
        param: 'amount',
      },
    );
  }
}

import type Stripe from 'stripe';
import { invalidRequest } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { findCustomer } from '../payment-methods/customers.ts';
import type { WireInvoiceLine } from '../store/kinds.ts';

/** Thousandths of a per cent, by country and region; a country alone is all of it. Elsewhere nothing is due. */
const RATES: Readonly<Record<string, readonly (readonly [name: string, rate: number])[]>> = {
  'CA-AB': [['gst', 5_000]],
  'CA-BC': [
    ['gst', 5_000],
    ['pst', 7_000],
  ],
  'CA-MB': [
    ['gst', 5_000],
    ['pst', 7_000],
  ],
  'CA-NB': [['hst', 15_000]],
  'CA-NL': [['hst', 15_000]],
  'CA-NS': [['hst', 14_000]],
  'CA-NT': [['gst', 5_000]],
  'CA-NU': [['gst', 5_000]],
  'CA-ON': [['hst', 13_000]],
  'CA-PE': [['hst', 15_000]],
  'CA-QC': [
    ['gst', 5_000],
    ['qst', 9_975],
  ],
  'CA-SK': [
    ['gst', 5_000],
    ['pst', 6_000],
  ],
  'CA-YT': [['gst', 5_000]],
  DE: [['vat', 19_000]],
  ES: [['vat', 21_000]],
  FR: [['vat', 20_000]],
  GB: [['vat', 20_000]],
  JP: [['jct', 10_000]],
};

const HUNDRED_PER_CENT = 100_000;

type Tax = NonNullable<WireInvoiceLine['taxes']>[number];
type Location = { readonly country: string; readonly state: string };

/** Where a customer is taxed; undefined where nobody can tell. Of Canada the province is needed. */
function locationOf(call: Call, customerId: string): Location | undefined {
  const address = findCustomer(call, customerId)?.address;
  const country = address?.country?.toUpperCase();
  if (!country) return undefined;
  const state = address?.state?.toUpperCase() ?? '';
  if (country === 'CA' && RATES[`CA-${state}`] === undefined) return undefined;
  return { country, state };
}

const NOWHERE =
  "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.";

/** @throws StripeRefusal 400 where tax is to be computed of a customer who is nowhere. */
export function requireLocation(call: Call, customerId: string): void {
  if (locationOf(call, customerId) === undefined)
    throw invalidRequest(NOWHERE, { code: 'customer_tax_location_invalid', param: 'automatic_tax[enabled]' });
}

/** What is due on an amount; half a cent is rounded away from zero. */
function shareOf(amount: number, rate: number): number {
  const exact = BigInt(amount) * BigInt(rate);
  const half = BigInt(HUNDRED_PER_CENT / 2);
  return Number((exact + (exact < 0n ? -half : half)) / BigInt(HUNDRED_PER_CENT));
}

function taxesOn(amount: number, { country, state }: Location): Tax[] {
  const rates = RATES[`${country}-${state}`] ?? RATES[country] ?? [];
  return rates.map(([name, rate]) => ({
    amount: shareOf(amount, rate),
    tax_behavior: 'exclusive',
    tax_rate_details: { tax_rate: `txr_${[country, state, name].filter(Boolean).join('_').toLowerCase()}` },
    taxability_reason: 'standard_rated',
    taxable_amount: amount,
    type: 'tax_rate_details',
  }));
}

type Taxed = {
  readonly lines: WireInvoiceLine[];
  readonly total_taxes: Tax[];
  readonly automatic_tax: Stripe.Invoice.AutomaticTax;
};

/** Lines with the tax of each, and the sums by rate. */
export function withTaxes(
  call: Call,
  customerId: string,
  lines: readonly WireInvoiceLine[],
  enabled: boolean,
): Taxed {
  const off = { disabled_reason: null, liability: null, provider: null };
  const bare = lines.map((line) => ({ ...line, taxes: [] }));
  if (!enabled) {
    return { lines: bare, total_taxes: [], automatic_tax: { ...off, enabled: false, status: null } };
  }
  const on = { ...off, enabled: true, liability: { type: 'self' }, provider: 'stripe' } as const;
  const location = locationOf(call, customerId);
  if (location === undefined) {
    return {
      lines: bare,
      total_taxes: [],
      automatic_tax: { ...on, status: 'requires_location_inputs' },
    };
  }
  const taxed = lines.map((line) => ({ ...line, taxes: taxesOn(line.amount, location) }));
  const total_taxes = taxesOn(0, location).map((rate, index) => {
    const parts = taxed.map((line) => line.taxes[index]);
    const sum = (amounts: (number | null | undefined)[]) =>
      amounts.reduce<number>((all, amount) => all + (amount ?? 0), 0);
    return {
      ...rate,
      amount: sum(parts.map((part) => part?.amount)),
      taxable_amount: sum(parts.map((part) => part?.taxable_amount)),
    };
  });
  return { lines: taxed, total_taxes, automatic_tax: { ...on, status: 'complete' } };
}

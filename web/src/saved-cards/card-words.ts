import type { SavedCard } from '../../../shared/api/saved-cards.ts';

const BRANDS: Record<string, string> = {
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
};

/**
 * A card as its owner knows it: `Visa •••• 4242`.
 * @param aCard what one of another make is called
 */
export function cardWords({ brand, last4 }: SavedCard, aCard: string): string {
  return `${BRANDS[brand] ?? aCard} •••• ${last4}`;
}

/** `12/2034` */
export function expiryWords({ exp_month: month, exp_year: year }: SavedCard): string {
  return `${String(month).padStart(2, '0')}/${year}`;
}

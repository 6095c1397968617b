/** Why a charge failed and what helps, from the codes of Stripe (https://docs.stripe.com/declines/codes). */
export function failureWords(code: string): string {
  switch (code) {
    case 'authentication_required':
      return 'Your bank wants you to confirm payments with this card yourself, so it cannot be charged while you are away. Buy a package by hand, or choose another card.';
    case 'expired_card':
      return 'The card has expired. Choose another card.';
    case 'insufficient_funds':
      return 'There was not enough money on the card.';
    default:
      return 'The card was declined. Choose another card, or ask your bank.';
  }
}

import { closeAttemptByKey } from './attempts.ts';

const KEY = 'attempt';

/** Where a bank's page sends the buyer back to: this page, with the attempt's name. */
export function returnAddress(location: Location, idempotencyKey: string): string {
  const address = new URL(location.origin + location.pathname);
  address.searchParams.set(KEY, idempotencyKey);
  return address.href;
}

/**
 * What to say when the page was opened by a return from a bank's page, or from Stripe's own checkout page (then with
 * `checkout`, see `create-checkout-session.ts` of the sidecar), or null otherwise. Stripe adds `redirect_status` (https://docs.stripe.com/payments/accept-a-payment). It is a hint to the
 * reader only: time appears when the server has seen the payment. Removes the parameters from the address
 * bar, because they hold the payment's client secret, and leads to the shop, wherever the payment was begun.
 */
export function readPaymentReturn(location: Location, history: History, storage: Storage): string | null {
  const parameters = new URLSearchParams(location.search);
  const key = parameters.get(KEY);
  if (key === null) return null;
  history.replaceState(null, '', '/buy');
  switch (parameters.get('checkout') ?? parameters.get('redirect_status')) {
    case 'done':
      closeAttemptByKey(storage, key);
      return 'Thank you. Your time appears here as soon as the payment has gone through; a bank debit takes days.';
    case 'back':
      // Whoever chooses again begins anew, and is not sent to the page that they have just left.
      closeAttemptByKey(storage, key);
      return 'You came back from Stripe’s page without paying. Nothing was charged; choose the package again to go on.';
    case 'succeeded':
      closeAttemptByKey(storage, key);
      return 'Paid. Your time appears here in a moment.';
    case 'failed':
      return 'The payment did not go through. Nothing was charged; choose the package again to retry.';
    default:
      return 'The payment is being processed. Your time appears here when it has gone through.';
  }
}

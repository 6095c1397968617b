import type { Call } from '../api/route.ts';

/** Where the holder of a card authenticates, in the place of their bank's own page. */
function challengeUrl(call: Call, intent: { id: string; client_secret: string | null }): string {
  return `${call.baseUrl}/3d-secure/${intent.id}?client_secret=${intent.client_secret ?? ''}`;
}

interface Wish {
  readonly return_url?: string | undefined;
  readonly use_stripe_sdk?: boolean | undefined;
}

/**
 * What a payer has to do next: a page to open when the request said where to return to, else something for
 * Stripe.js (https://docs.stripe.com/payments/3d-secure/authentication-flow).
 */
export function authenticationAction(
  call: Call,
  intent: { id: string; client_secret: string | null },
  wish: Wish,
) {
  const url = challengeUrl(call, intent);
  if (wish.return_url !== undefined && wish.use_stripe_sdk !== true) {
    return { type: 'redirect_to_url', redirect_to_url: { return_url: wish.return_url, url } };
  }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url },
  };
}

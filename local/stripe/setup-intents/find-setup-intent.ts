import type Stripe from 'stripe';
import { invalidRequest, noSuchObject } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';

/** The setup intent in the path. @throws StripeRefusal 404 */
export function setupIntentAt(call: Call): Stripe.SetupIntent {
  const intent = call.store.find('setup_intent', call.id);
  if (intent === undefined) throw noSuchObject('setupintent', call.id, 'intent');
  return intent;
}

/** @throws StripeRefusal 400 unless the secret is this intent's own. */
export function setupIntentWithSecret(call: Call, clientSecret: string): Stripe.SetupIntent {
  const intent = setupIntentAt(call);
  if (intent.client_secret === clientSecret) return intent;
  throw invalidRequest(
    'The client_secret provided does not match the client_secret associated with the SetupIntent.',
    { code: 'setup_intent_invalid_parameter', param: 'client_secret' },
  );
}

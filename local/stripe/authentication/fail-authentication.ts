import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import { failSetup } from '../setup-intents/confirm-setup-intent.ts';

const MESSAGE =
  'We are unable to authenticate your payment method. Please choose a different payment method and try again.';

function methodOf(call: Call, intent: { payment_method: unknown }): Stripe.PaymentMethod | undefined {
  return call.store.find('payment_method', String(intent.payment_method));
}

/** The holder could not authenticate: nothing was charged, and another card can be tried. */
export function failPaymentAuthentication(call: Call, intent: Stripe.PaymentIntent): void {
  const method = methodOf(call, intent);
  const failed = call.store.update<Stripe.PaymentIntent>({
    ...intent,
    last_payment_error: {
      type: 'invalid_request_error',
      code: 'payment_intent_authentication_failure',
      message: MESSAGE,
      ...(method === undefined ? {} : { payment_method: method }),
    },
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  call.emit('payment_intent.payment_failed', failed);
}

export function failSetupAuthentication(call: Call, intent: Stripe.SetupIntent): void {
  const method = methodOf(call, intent);
  if (method === undefined) return;
  failSetup(call, intent, method, { code: 'setup_intent_authentication_failure', message: MESSAGE });
}

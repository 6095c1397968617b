import type Stripe from 'stripe';
import { html } from '../../../shared/html.ts';
import { formatAmount } from '../api/amount.ts';
import type { Call } from '../api/route.ts';
import { confirmPaymentIntent } from '../payments/confirm-payment-intent.ts';
import { confirmSetupIntent, failSetup } from '../payments/setup-intents.ts';
import { type Field, notFoundPage, type PageAnswer, page, redirect } from './send-page.ts';

/** Any page may frame a bank's question, as Stripe.js does: no money moves here. */
function framed(answer: PageAnswer): PageAnswer {
  return answer.kind === 'page' ? { ...answer, isFramed: true } : answer;
}

const MESSAGE =
  'We are unable to authenticate your payment method. Please choose a different payment method and try again.';

function methodOf(call: Call, intent: { payment_method: unknown }): Stripe.PaymentMethod | undefined {
  return call.store.find('payment_method', String(intent.payment_method));
}

/** The holder could not authenticate: nothing was charged, and another card can be tried. */
function failPaymentAuthentication(call: Call, intent: Stripe.PaymentIntent): void {
  const method = methodOf(call, intent);
  const failed = call.change(intent, {
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

function failSetupAuthentication(call: Call, intent: Stripe.SetupIntent): void {
  const method = methodOf(call, intent);
  if (method === undefined) return;
  failSetup(call, intent, method, { code: 'setup_intent_authentication_failure', message: MESSAGE });
}

type Intent = Stripe.PaymentIntent | Stripe.SetupIntent;
function findIntent(call: Call, field: Field): Intent | undefined {
  const intent = call.store.find('payment_intent', call.id) ?? call.store.find('setup_intent', call.id);
  return intent?.client_secret === field('client_secret') ? intent : undefined;
}

/** Where the payer goes afterwards, with what became of it (https://docs.stripe.com/js/payment_intents). */
function returnAddress(intent: Intent, returnUrl: string, succeeded: boolean): string | undefined {
  if (!URL.canParse(returnUrl) || !/^https?:/.test(returnUrl)) return undefined;
  const url = new URL(returnUrl);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? '');
  url.searchParams.set('redirect_status', succeeded ? 'succeeded' : 'failed');
  return url.href;
}

function ended(intent: Intent, returnUrl: string): PageAnswer {
  const succeeded = ['processing', 'requires_capture', 'succeeded'].includes(intent.status);
  const address = returnAddress(intent, returnUrl, succeeded);
  if (address !== undefined) return redirect(address);
  const words = page(
    'Authentication',
    html`<h1>${succeeded ? 'Authenticated' : 'Not authenticated'}</h1>
<p>You can close this page and go back to where you came from.</p>`,
  );
  return framed(words);
}

function returnUrlOf(intent: Intent, field: Field): string {
  return intent.next_action?.redirect_to_url?.return_url ?? field('return_url');
}

/** The page on which the holder of a card says that it is them, in place of their bank's. */
export function showChallenge(call: Call, field: Field): PageAnswer {
  const intent = findIntent(call, field);
  if (intent === undefined) return notFoundPage();
  const returnUrl = returnUrlOf(intent, field);
  if (intent.status !== 'requires_action') return ended(intent, returnUrl);
  const method = call.store.find('payment_method', String(intent.payment_method));
  const purpose =
    intent.object === 'payment_intent'
      ? `the payment of ${formatAmount(intent.amount, intent.currency)}`
      : 'keeping your card for later payments';
  const question = page(
    '3D Secure 2 test page',
    html`<h1>3D Secure: is it you?</h1>
<p>Your bank asks you to authenticate ${purpose} with the card ending in ${method?.card?.last4 ?? '????'}.</p>
<form method="post" action="/3d-secure/${intent.id}">
<input type="hidden" name="client_secret" value="${intent.client_secret}">
<input type="hidden" name="return_url" value="${returnUrl}">
<div class="actions">
<button name="authentication" value="complete">Complete</button>
<button class="second" name="authentication" value="fail">Fail</button>
</div>
</form>`,
  );
  return framed(question);
}

/** Goes on with the payment or setup as the holder of the card decided; deciding twice changes nothing. */
export function answerChallenge(call: Call, field: Field): PageAnswer {
  const intent = findIntent(call, field);
  if (intent === undefined) return notFoundPage();
  const returnUrl = returnUrlOf(intent, field);
  if (intent.status === 'requires_action') {
    const complete = field('authentication') === 'complete';
    if (intent.object === 'payment_intent') {
      if (complete) confirmPaymentIntent(call, intent, {});
      else failPaymentAuthentication(call, intent);
    } else if (complete) confirmSetupIntent(call, intent, {});
    else failSetupAuthentication(call, intent);
  }
  return ended(findIntent(call, field) ?? intent, returnUrl);
}

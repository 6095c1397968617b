import type Stripe from 'stripe';
import { type Html, html } from '../../../shared/html.ts';
import type { Call } from '../api/route.ts';
import { type Field, notFoundPage, type PageAnswer, page, redirect } from '../pages/send-page.ts';
import { formatAmount } from '../payments/amount.ts';
import { type Mistakes, NO_MISTAKES, paymentFields } from './payment-fields.ts';

export function findSession(call: Call): Stripe.Checkout.Session | undefined {
  return call.store.find('checkout.session', call.id);
}

/** Where the shop wants its customer back after paying. */
export function successAddress(session: Stripe.Checkout.Session): string {
  return (session.success_url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}

function amountOf(session: Stripe.Checkout.Session): string {
  return formatAmount(session.amount_total ?? 0, session.currency ?? 'usd');
}

function itemList(call: Call, session: Stripe.Checkout.Session): Html {
  const items = call.store.privatePart('checkout.session', session.id)?.lineItems ?? [];
  const rows = items.map(
    ({ description, quantity, amount_total: amount, currency }) =>
      html`<li><span>${description}${quantity === 1 ? '' : ` × ${quantity}`}</span>
<span>${formatAmount(amount, currency)}</span></li>`,
  );
  return html`<ul class="items">${rows}</ul><p class="total"><span>Total</span><span>${amountOf(session)}</span></p>`;
}

function wayBack(session: Stripe.Checkout.Session): Html | null {
  if (session.cancel_url === null) return null;
  return html`<p><a href="${session.cancel_url}">Cancel and go back</a></p>`;
}

function closedPage(session: Stripe.Checkout.Session): PageAnswer {
  if (session.status === 'complete') {
    return page(
      'Already paid',
      html`<h1>You’re all done</h1><p>You have completed your payment.</p>
<p><a href="${successAddress(session)}">Go on</a></p>`,
    );
  }
  return page(
    'Page expired',
    html`<h1>This page has expired</h1><p>Nothing was paid. Please start again.</p>${wayBack(session)}`,
  );
}

/** The form, with what was typed before (never the numbers) and what was wrong with it. */
export function openPage(
  call: Call,
  session: Stripe.Checkout.Session,
  field: Field,
  mistakes: Mistakes = NO_MISTAKES,
): PageAnswer {
  const alert = mistakes.message === '' ? null : html`<p role="alert">${mistakes.message}</p>`;
  return page(
    `${mistakes.message === '' ? '' : 'Error: '}Pay ${amountOf(session)}`,
    html`<h1>Pay ${amountOf(session)}</h1>
${alert}
${itemList(call, session)}
<form method="post" action="/c/pay/${session.id}" novalidate>
${paymentFields(call, session, field, mistakes)}
<button class="wide">Pay ${amountOf(session)}</button>
</form>
${wayBack(session)}`,
    mistakes.message === '' ? 200 : 402,
  );
}

/** The hosted page of a session (`session.url`). */
export function showCheckout(call: Call, field: Field): PageAnswer {
  const session = findSession(call);
  if (session === undefined) return notFoundPage();
  return session.status === 'open' ? openPage(call, session, field) : closedPage(session);
}

/** Where the bank's challenge sends the payer back to. */
export function returnToCheckout(call: Call, field: Field): PageAnswer {
  const session = findSession(call);
  if (session === undefined) return notFoundPage();
  if (session.status === 'complete') return redirect(successAddress(session));
  if (session.status !== 'open') return closedPage(session);
  const error = call.store.find('payment_intent', String(session.payment_intent))?.last_payment_error;
  return openPage(call, session, field, { message: error?.message ?? '', fields: {} });
}

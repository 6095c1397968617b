import type Stripe from 'stripe';
import { type Html, html } from '../../../shared/html.ts';
import { formatAmount } from '../api/amount.ts';
import type { Call } from '../api/route.ts';
import { type Field, notFoundPage, type PageAnswer, page, redirect } from '../pages/send-page.ts';

export interface Mistakes {
  /** For the whole form; empty when there is none. */
  readonly message: string;
  /** By the name of the input. */
  readonly fields: Readonly<Partial<Record<string, string>>>;
}

const NO_MISTAKES: Mistakes = { message: '', fields: {} };

interface Input {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: string;
  readonly type?: 'email' | 'text';
  readonly numeric?: boolean;
  readonly value?: string;
}

function input(
  mistakes: Mistakes,
  { name, label, autocomplete, type = 'text', numeric, value = '' }: Input,
): Html {
  const mistake = mistakes.fields[name];
  const first = Object.keys(mistakes.fields)[0] === name;
  const marks =
    mistake === undefined
      ? null
      : html` aria-invalid="true" aria-describedby="${name}-mistake"${first ? html` autofocus` : null}`;
  return html`<label>${label}
<input name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}"
 inputmode="${numeric ? 'numeric' : type}"${marks}></label>
${mistake === undefined ? null : html`<p class="wrong" id="${name}-mistake">${mistake}</p>`}`;
}

export function cardFields(mistakes: Mistakes, field: Field): Html {
  return html`<div class="card">
${input(mistakes, { name: 'number', label: 'Card number', autocomplete: 'cc-number', numeric: true })}
<div class="pair"><div>
${input(mistakes, { name: 'expiry', label: 'Expiry (MM / YY)', autocomplete: 'cc-exp', numeric: true, value: field('expiry') })}
</div><div>
${input(mistakes, { name: 'cvc', label: 'Security code', autocomplete: 'cc-csc', numeric: true })}
</div></div>
${input(mistakes, { name: 'name', label: 'Name on card', autocomplete: 'cc-name', value: field('name') })}
<p class="hint">Test cards: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0027 6000 3184 asks for
3D Secure. Any date to come and any three digits will do.</p>
</div>`;
}

function bankFields(mistakes: Mistakes): Html {
  return html`<div class="bank">
${input(mistakes, { name: 'routing_number', label: 'Routing number', autocomplete: 'off', numeric: true })}
${input(mistakes, { name: 'account_number', label: 'Account number', autocomplete: 'off', numeric: true })}
<p class="hint">Test accounts: routing number 110000000 with account 000123456789 pays after a while, 000111111116
comes back unpaid. By paying you authorize a debit of this account.</p>
</div>`;
}

function choice(value: string, label: string, chosen: string): Html {
  return html`<label class="choice"><input type="radio" name="method" value="${value}"${
    value === chosen ? html` checked` : null
  }>${label}</label>`;
}

/** The inputs of the hosted page: an address for the receipt, and a card or a bank account. */
function paymentFields(call: Call, session: Stripe.Checkout.Session, field: Field, mistakes: Mistakes): Html {
  const known = session.customer_details?.email ?? '';
  const email = field('email') === '' ? known : field('email');
  const types = session.payment_method_types;
  const chosen = types.includes(field('method')) ? field('method') : (types[0] ?? 'card');
  const choices =
    types.length === 1
      ? html`<input type="radio" name="method" value="${chosen}" checked hidden>`
      : types.map((type) => choice(type, type === 'card' ? 'Card' : 'US bank account', chosen));
  const usage = call.store.privatePart('checkout.session', session.id)?.intentData.setup_future_usage;
  const keeping =
    usage === undefined || usage === null
      ? null
      : html`<p class="hint">Your payment details are kept for later payments to this shop.</p>`;
  return html`${input(mistakes, { name: 'email', label: 'E-mail', autocomplete: 'email', type: 'email', value: email })}
<fieldset><legend>Payment method</legend>
${choices}
${types.includes('card') ? cardFields(mistakes, field) : null}
${types.includes('us_bank_account') ? bankFields(mistakes) : null}
</fieldset>
${keeping}`;
}

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
      html`<li><span>${description}${quantity === null || quantity === 1 ? '' : ` × ${quantity}`}</span>
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

import type Stripe from 'stripe';
import { type Html, html } from '../../../shared/html.ts';
import type { Call } from '../api/route.ts';
import type { Field } from '../pages/send-page.ts';

export interface Mistakes {
  /** For the whole form; empty when there is none. */
  readonly message: string;
  /** By the name of the input. */
  readonly fields: Readonly<Partial<Record<string, string>>>;
}

export const NO_MISTAKES: Mistakes = { message: '', fields: {} };

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

function cardFields(mistakes: Mistakes, field: Field): Html {
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
export function paymentFields(
  call: Call,
  session: Stripe.Checkout.Session,
  field: Field,
  mistakes: Mistakes,
): Html {
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

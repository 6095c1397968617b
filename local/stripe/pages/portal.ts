import { timingSafeEqual } from 'node:crypto';
import type Stripe from 'stripe';
import { z } from 'zod';
import { type Html, html } from '../../../shared/html.ts';
import { text } from '../api/form.ts';
import { fieldIs } from '../api/list-objects.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { findCustomer, requireCustomer, withDefaultMethod } from '../payment-methods/customers.ts';
import { detachPaymentMethod } from '../payment-methods/use-payment-method.ts';
import { newId, randomText, type WireSubscription } from '../store/kinds.ts';
import { changeSubscription } from '../subscriptions/change-subscription.ts';
import { type Field, notFoundPage, type PageAnswer, page, redirect } from './send-page.ts';

const LIFETIME_SECONDS = 60 * 60;

interface Portal {
  readonly session: Stripe.BillingPortal.Session;
  readonly customer: Stripe.Customer;
  readonly methods: readonly Stripe.PaymentMethod[];
  readonly path: string;
}

function openPortal(call: Call, field: Field): Portal | undefined {
  const session = call.store.find('billing_portal.session', call.id);
  const secret = call.store.privatePart('billing_portal.session', call.id)?.secret ?? '';
  const given = Buffer.from(field('secret'));
  if (given.length !== secret.length || !timingSafeEqual(given, Buffer.from(secret))) return undefined;
  if (session === undefined || session.created + LIFETIME_SECONDS < call.nowSeconds) return undefined;
  const customer = findCustomer(call, session.customer);
  if (customer === undefined) return undefined;
  const methods = call.store.page('payment_method', fieldIs('customer', customer.id), { limit: 100 }).data;
  return { session, customer, methods, path: `/p/session/${session.id}/${secret}` };
}

function nameOf({ card, us_bank_account: account }: Stripe.PaymentMethod): string {
  if (card === undefined) return `${account?.bank_name ?? 'Bank account'} ending in ${account?.last4 ?? ''}`;
  const month = String(card.exp_month).padStart(2, '0');
  return `${card.brand} ending in ${card.last4}, valid until ${month}/${card.exp_year}`;
}

function methodRow(method: Stripe.PaymentMethod, { customer, path }: Portal): Html {
  const isDefault = customer.invoice_settings?.default_payment_method === method.id;
  const preferring = isDefault
    ? html`<span>(default)</span>`
    : html`<button class="second" name="default" value="${method.id}" aria-label="Make ${nameOf(method)} the default">Make default</button>`;
  return html`<li><span>${nameOf(method)}</span>
<form method="post" action="${path}">${preferring}
<button class="second" name="remove" value="${method.id}" aria-label="Remove ${nameOf(method)}">Remove</button>
</form></li>`;
}

const ENDED = ['canceled', 'incomplete', 'incomplete_expired'];

function subscriptionsOf(call: Call, { customer }: Portal): WireSubscription[] {
  const all = call.store.page('subscription', fieldIs('customer', customer.id), { limit: 100 }).data;
  return all.filter(({ status }) => !ENDED.includes(status));
}

/** What it is, and a way to end it with the period or, until then, to go on. */
function subscriptionRow(call: Call, subscription: WireSubscription, { path }: Portal): Html {
  const names = subscription.items.data.map(
    ({ price }) => call.store.find('product', String(price.product))?.name ?? '',
  );
  const name = [...new Set(names)].join(', ');
  const [field, words] = subscription.cancel_at_period_end
    ? ['resume', 'Do not cancel']
    : ['cancel', 'Cancel'];
  return html`<li><span>${name} (${subscription.status})</span>
<form method="post" action="${path}">
<button class="second" name="${field}" value="${subscription.id}" aria-label="${words}: ${name}">${words}</button>
</form></li>`;
}

/** The payment methods of one customer, to be removed or preferred, and the subscriptions, to be canceled. */
export function showPortal(call: Call, field: Field): PageAnswer {
  const portal = openPortal(call, field);
  if (portal === undefined) return notFoundPage();
  const { methods, session } = portal;
  const rows = methods.map((method) => methodRow(method, portal));
  const list =
    rows.length === 0 ? html`<p>No payment methods are saved.</p>` : html`<ul class="items">${rows}</ul>`;
  const back =
    session.return_url === null ? null : html`<p><a href="${session.return_url}">Back to the shop</a></p>`;
  const subscriptions = subscriptionsOf(call, portal).map((one) => subscriptionRow(call, one, portal));
  const subscribed =
    subscriptions.length === 0 ? null : html`<h2>Subscriptions</h2><ul class="items">${subscriptions}</ul>`;
  return page('Payment methods', html`<h1>Payment methods</h1>${list}${subscribed}${back}`);
}

/** Removes or prefers a payment method, and shows what is left. */
export function changePortal(call: Call, field: Field): PageAnswer {
  const portal = openPortal(call, field);
  if (portal === undefined) return notFoundPage();
  const { customer, methods, path } = portal;
  const removed = methods.find(({ id }) => id === field('remove'));
  if (removed !== undefined) detachPaymentMethod(call, removed);
  const preferred = methods.find(({ id }) => id === field('default'));
  if (preferred !== undefined) {
    const updated = withDefaultMethod(call, customer, preferred.id);
    call.emit('customer.updated', updated, customer);
  }
  for (const subscription of subscriptionsOf(call, portal)) {
    const ending = field('cancel') === subscription.id;
    if (!ending && field('resume') !== subscription.id) continue;
    changeSubscription(call, subscription, { cancel_at_period_end: ending });
  }
  return redirect(path);
}

/** Stripe keeps the portal's settings in an object of their own, which the stand-in does not have. */
const CONFIGURATION = 'bpc_StandInDefaultConfigura';

/** https://docs.stripe.com/api/customer_portal/sessions/create; `url` is for this customer's browser only. */
const create = route({
  method: 'POST',
  path: '/v1/billing_portal/sessions',
  params: {
    customer: text(),
    locale: text().optional(),
    return_url: z.url({ protocol: /^https?$/ }).optional(),
  },
  handle(call, given) {
    requireCustomer(call, given.customer);
    const id = newId('bps');
    const secret = randomText(32);
    const session = call.create(
      'billing_portal.session',
      {
        id,
        configuration: CONFIGURATION,
        customer: given.customer,
        locale: given.locale as Stripe.BillingPortal.Session.Locale | undefined,
        return_url: given.return_url,
        url: `${call.baseUrl}/p/session/${id}/${secret}`,
      },
      { secret },
    );
    return ok(session);
  },
});

export const portalRoutes: readonly Route[] = [create];

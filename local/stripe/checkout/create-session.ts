import type Stripe from 'stripe';
import { mergeMetadata } from '../api/metadata.ts';
import { onlyGiven } from '../api/only-given.ts';
import { invalidParameter } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { findCustomer, requireCustomer } from '../customers/find-customer.ts';
import { checkChargeAmount } from '../payments/amount.ts';
import { newId } from '../store/identifiers.ts';
import type { IntentData } from '../store/stored-objects.ts';
import { lineItemsOf } from './line-items.ts';
import type { SessionParams } from './session-params.ts';
import { UNUSED_SESSION_FIELDS } from './unused-session-fields.ts';

const SHORTEST_SECONDS = 30 * 60;
const LONGEST_SECONDS = 24 * 60 * 60;

function expiryOf(call: Call, asked: number | undefined): number {
  const expiresAt = asked ?? call.nowSeconds + LONGEST_SECONDS;
  const lasts = expiresAt - call.nowSeconds;
  if (lasts < SHORTEST_SECONDS || lasts > LONGEST_SECONDS) {
    const limit = lasts < SHORTEST_SECONDS ? 'at least 30 minutes' : 'less than 24 hours';
    throw invalidParameter(`The \`expires_at\` timestamp must be ${limit} from Checkout Session creation.`, {
      param: 'expires_at',
    });
  }
  return expiresAt;
}

function checkUrl(url: string | undefined, param: string): void {
  if (url === undefined) return;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw invalidParameter('Not a valid URL', { code: 'url_invalid', param });
  }
}

function detailsOf(email: string | null): Stripe.Checkout.Session.CustomerDetails | null {
  if (email === null) return null;
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: null,
  };
}

function methodTypes(given: SessionParams, currency: string): string[] {
  return given.allowed_payment_method_types ?? (currency === 'usd' ? ['card', 'us_bank_account'] : ['card']);
}

/** Opens a hosted page for one payment; `url` is where the payer's browser goes. */
export function createSession(call: Call, given: SessionParams): Stripe.Checkout.Session {
  checkUrl(given.success_url, 'success_url');
  checkUrl(given.cancel_url, 'cancel_url');
  requireCustomer(call, given.customer);
  if (given.customer !== undefined && given.customer_email !== undefined) {
    throw invalidParameter('You may only specify one of these parameters: customer, customer_email.');
  }
  const { lineItems, currency, total } = lineItemsOf(call, given.line_items);
  checkChargeAmount(total, currency);
  const id = newId('cs_test', 58);
  const expiresAt = expiryOf(call, given.expires_at);
  const knownEmail =
    given.customer === undefined ? given.customer_email : findCustomer(call, given.customer)?.email;
  const { metadata: intentMetadata, ...intentFields } = given.payment_intent_data ?? {};
  const intentData: IntentData = {
    ...onlyGiven(intentFields),
    metadata: mergeMetadata({}, intentMetadata),
  };
  const session: Stripe.Checkout.Session = {
    ...UNUSED_SESSION_FIELDS,
    id,
    object: 'checkout.session',
    allowed_payment_method_types: given.allowed_payment_method_types ?? null,
    amount_subtotal: total,
    amount_total: total,
    automatic_tax: {
      enabled: given.automatic_tax?.enabled ?? false,
      liability: given.automatic_tax?.enabled ? { type: 'self' } : null,
      provider: given.automatic_tax?.enabled ? 'stripe' : null,
      status: given.automatic_tax?.enabled ? 'complete' : null,
    },
    billing_address_collection: given.billing_address_collection ?? null,
    cancel_url: given.cancel_url ?? null,
    client_reference_id: given.client_reference_id ?? null,
    created: call.nowSeconds,
    currency,
    customer: given.customer ?? null,
    customer_creation: given.customer === undefined ? (given.customer_creation ?? 'if_required') : null,
    customer_details: detailsOf(knownEmail ?? null),
    customer_email: given.customer_email ?? null,
    expires_at: expiresAt,
    locale: (given.locale ?? null) as Stripe.Checkout.Session.Locale | null,
    metadata: mergeMetadata({}, given.metadata),
    mode: 'payment',
    payment_intent: null,
    payment_method_types: methodTypes(given, currency),
    payment_status: 'unpaid',
    status: 'open',
    submit_type: given.submit_type ?? null,
    success_url: given.success_url,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${call.baseUrl}/c/pay/${id}`,
  };
  call.store.insert(session, { lineItems, intentData });
  call.later('expire_session', id, (expiresAt - call.nowSeconds) * 1000);
  return session;
}

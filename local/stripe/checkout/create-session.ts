import type Stripe from 'stripe';
import { z } from 'zod';
import { checkChargeAmount } from '../api/amount.ts';
import { boolean, currency, email, integer, mergeMetadata, metadata, onlyGiven, text } from '../api/form.ts';
import { invalidParameter, invalidRequest, noSuchReference } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { fill } from '../description/objects.ts';
import { findCustomer, requireCustomer } from '../payment-methods/customers.ts';
import { futureUsage } from '../payments/payment-intents.ts';
import { productForPrice } from '../resources/prices.ts';
import { type IntentData, newId, type WireLineItem, type WirePrice } from '../store/kinds.ts';

const productData = z.strictObject({
  name: text(),
  description: text().optional(),
  images: z.array(z.url()).max(8).optional(),
  metadata: metadata().optional(),
  tax_code: text().optional(),
});

const priceData = z.strictObject({
  currency: currency(),
  product: text().optional(),
  product_data: productData.optional(),
  tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
  unit_amount: integer(0, 99_999_999),
});

const lineItemParam = z.strictObject({
  price: text().optional(),
  price_data: priceData.optional(),
  quantity: integer(1).optional(),
  metadata: metadata().optional(),
});

type LineItemParam = z.output<typeof lineItemParam>;

const paymentIntentData = z.strictObject({
  description: text(1000).optional(),
  metadata: metadata().optional(),
  receipt_email: email().optional(),
  setup_future_usage: futureUsage.optional(),
  statement_descriptor: text(22).optional(),
  statement_descriptor_suffix: text(22).optional(),
});

const subscriptionData = z.strictObject({ metadata: metadata().optional() });

/** https://docs.stripe.com/api/checkout/sessions/create, for hosted pages that take one payment, or begin a subscription. */
export const sessionParams = {
  allowed_payment_method_types: z
    .array(z.enum(['card', 'us_bank_account']))
    .min(1)
    .optional(),
  automatic_tax: z.strictObject({ enabled: boolean() }).optional(),
  billing_address_collection: z.enum(['auto']).optional(),
  cancel_url: text().optional(),
  client_reference_id: text(200).optional(),
  customer: text().optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: email().optional(),
  customer_update: z.strictObject({ address: z.enum(['auto', 'never']).optional() }).optional(),
  expires_at: integer(0).optional(),
  line_items: z.array(lineItemParam).min(1).max(100),
  locale: text().optional(),
  metadata: metadata().optional(),
  mode: z.enum(['payment', 'subscription']),
  payment_intent_data: paymentIntentData.optional(),
  subscription_data: subscriptionData.optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay']).optional(),
  success_url: text(),
  ui_mode: z.enum(['hosted', 'hosted_page']).optional(),
};

const sessionSchema = z.strictObject(sessionParams);
export type SessionParams = z.output<typeof sessionSchema>;

type PriceData = NonNullable<LineItemParam['price_data']>;

function productFields(data: PriceData['product_data']) {
  if (data === undefined) return undefined;
  const { name, metadata, ...fields } = data;
  return { name, ...onlyGiven(fields), metadata: mergeMetadata({}, metadata) };
}

/** A price that was written into the request serves this session only, so it is inactive. */
function inlinePrice(call: Call, data: PriceData): WirePrice {
  return call.create('price', {
    billing_scheme: 'per_unit',
    currency: data.currency,
    product: productForPrice(call, data.product, productFields(data.product_data)),
    tax_behavior: data.tax_behavior ?? 'unspecified',
    type: 'one_time',
    unit_amount: data.unit_amount,
    unit_amount_decimal: String(data.unit_amount),
  });
}

type Mode = SessionParams['mode'];

function storedPrice(call: Call, id: string, { param, mode }: { param: string; mode: Mode }): WirePrice {
  const price = call.store.find('price', id);
  if (price === undefined) throw noSuchReference('price', id, param);
  if (!price.active) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', {
      param,
    });
  }
  if (mode === 'payment' && price.recurring !== null) {
    throw invalidRequest(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      { param },
    );
  }
  return price;
}

function priceOf(call: Call, given: LineItemParam, index: number, mode: Mode): WirePrice {
  const param = `line_items[${index}][price]`;
  if ((given.price === undefined) === (given.price_data === undefined)) {
    throw invalidParameter(
      `You must specify either \`price\` or \`price_data\` when creating a Checkout Session line item.`,
      { param },
    );
  }
  if (given.price_data !== undefined) return inlinePrice(call, given.price_data);
  return storedPrice(call, given.price ?? '', { param, mode });
}

function lineItem(call: Call, given: LineItemParam, index: number, mode: Mode): WireLineItem {
  const price = priceOf(call, given, index, mode);
  const isMetered = price.recurring?.usage_type === 'metered';
  if (isMetered && given.quantity !== undefined) {
    throw invalidParameter('Quantity should not be specified where usage_type is `metered`.', {
      param: `line_items[${index}][quantity]`,
    });
  }
  if (!isMetered && given.quantity === undefined) {
    throw invalidParameter(`Quantity is required. Add \`quantity\` to \`line_items[${index}]\``, {
      param: `line_items[${index}][quantity]`,
    });
  }
  if (!isMetered && price.unit_amount === null) {
    throw invalidRequest('This stand-in does not model prices in fractions of a cent in Checkout.');
  }
  // What is counted is billed afterwards.
  const amount = isMetered ? 0 : (price.unit_amount ?? 0) * (given.quantity ?? 0);
  const product = call.store.find('product', String(price.product));
  return fill<WireLineItem>('item', {
    id: newId('li'),
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: product?.name ?? null,
    metadata: mergeMetadata({}, given.metadata),
    price,
    quantity: given.quantity ?? null,
  });
}

/** What is sold, in one currency. @throws StripeRefusal 400 in all other cases. */
function lineItemsOf(call: Call, { line_items: given, mode }: SessionParams) {
  const lineItems = given.map((item, index) => lineItem(call, item, index, mode));
  if (mode === 'subscription' && lineItems.every(({ price }) => price.recurring === null)) {
    throw invalidRequest(
      'You must provide at least one recurring price in `subscription` mode when using prices.',
    );
  }
  const currencies = new Set(lineItems.map(({ currency }) => currency));
  const [currency = 'usd', other] = currencies;
  if (other !== undefined) {
    throw invalidRequest(
      `The \`line_items\` parameter contains prices with different currencies (${[...currencies].join(', ')}). All line items must use the same currency.`,
      { param: 'line_items' },
    );
  }
  return { lineItems, currency, total: lineItems.reduce((sum, item) => sum + item.amount_total, 0) };
}

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

function methodTypes(given: SessionParams, currency: string): string[] {
  return given.allowed_payment_method_types ?? (currency === 'usd' ? ['card', 'us_bank_account'] : ['card']);
}

function refuseOfOtherMode(given: SessionParams): void {
  const others =
    given.mode === 'payment'
      ? (['subscription_data'] as const)
      : (['payment_intent_data', 'customer_creation', 'submit_type'] as const);
  const param = others.find((name) => given[name] !== undefined);
  if (param === undefined) return;
  throw invalidParameter(`You can not pass \`${param}\` in \`${given.mode}\` mode.`, { param });
}

/** Opens a hosted page for one payment, or for a subscription; `url` is where the payer's browser goes. */
export function createSession(call: Call, given: SessionParams): Stripe.Checkout.Session {
  checkUrl(given.success_url, 'success_url');
  checkUrl(given.cancel_url, 'cancel_url');
  requireCustomer(call, given.customer);
  if (given.customer !== undefined && given.customer_email !== undefined) {
    throw invalidParameter('You may only specify one of these parameters: customer, customer_email.');
  }
  const { lineItems, currency, total } = lineItemsOf(call, given);
  refuseOfOtherMode(given);
  if (given.mode === 'payment') checkChargeAmount(total, currency);
  const id = newId('cs_test', 58);
  const expiresAt = expiryOf(call, given.expires_at);
  const knownEmail =
    given.customer === undefined ? given.customer_email : findCustomer(call, given.customer)?.email;
  const { metadata: intentMetadata, ...intentFields } = given.payment_intent_data ?? {};
  const intentData: IntentData = {
    ...onlyGiven(intentFields),
    metadata: mergeMetadata({}, intentMetadata),
  };
  const taxed = given.automatic_tax?.enabled === true;
  const session = call.create(
    'checkout.session',
    {
      id,
      adaptive_pricing: { enabled: false },
      allowed_payment_method_types: given.allowed_payment_method_types,
      amount_subtotal: total,
      amount_total: total,
      automatic_tax: taxed
        ? { enabled: true, liability: { type: 'self' }, provider: 'stripe', status: 'complete' }
        : { enabled: false },
      billing_address_collection: given.billing_address_collection,
      cancel_url: given.cancel_url,
      client_reference_id: given.client_reference_id,
      currency,
      customer: given.customer,
      customer_creation:
        given.customer === undefined && given.mode === 'payment'
          ? (given.customer_creation ?? 'if_required')
          : null,
      customer_details: knownEmail ? { email: knownEmail, tax_exempt: 'none' } : null,
      customer_email: given.customer_email,
      discounts: [],
      expires_at: expiresAt,
      invoice_creation: { enabled: false, invoice_data: { metadata: {} } },
      locale: given.locale as Stripe.Checkout.Session.Locale | undefined,
      metadata: mergeMetadata({}, given.metadata),
      mode: given.mode,
      payment_method_collection: given.mode === 'payment' ? 'if_required' : 'always',
      payment_method_options: {},
      payment_method_types: methodTypes(given, currency),
      payment_status: 'unpaid',
      phone_number_collection: { enabled: false },
      status: 'open',
      submit_type: given.submit_type,
      success_url: given.success_url,
      total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
      ui_mode: 'hosted_page',
      url: `${call.baseUrl}/c/pay/${id}`,
    },
    {
      lineItems,
      intentData,
      subscriptionMetadata: mergeMetadata({}, given.subscription_data?.metadata),
    },
  );
  call.later('expire_session', id, (expiresAt - call.nowSeconds) * 1000);
  return session;
}

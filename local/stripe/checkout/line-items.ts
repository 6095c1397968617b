import { mergeMetadata } from '../api/metadata.ts';
import { onlyGiven } from '../api/only-given.ts';
import { invalidParameter, invalidRequest, noSuchReference } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { productForPrice } from '../resources/price-rules.ts';
import { newId } from '../store/identifiers.ts';
import type { WireLineItem, WirePrice } from '../store/stored-objects.ts';
import type { LineItemParam } from './session-params.ts';

type PriceData = NonNullable<LineItemParam['price_data']>;

function productFields(data: PriceData['product_data']) {
  if (data === undefined) return undefined;
  const { name, metadata, ...fields } = data;
  return { name, ...onlyGiven(fields), metadata: mergeMetadata({}, metadata) };
}

/** A price that was written into the request serves this session only, so it is inactive. */
function inlinePrice(call: Call, data: PriceData): WirePrice {
  return call.store.insert<WirePrice>({
    id: newId('price'),
    object: 'price',
    active: false,
    billing_scheme: 'per_unit',
    created: call.nowSeconds,
    currency: data.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: productForPrice(call, data.product, productFields(data.product_data)),
    recurring: null,
    tax_behavior: data.tax_behavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount: data.unit_amount,
    unit_amount_decimal: String(data.unit_amount),
  });
}

function storedPrice(call: Call, id: string, param: string): WirePrice {
  const price = call.store.find('price', id);
  if (price === undefined) throw noSuchReference('price', id, param);
  if (!price.active) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', {
      param,
    });
  }
  if (price.recurring !== null) {
    throw invalidRequest(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      { param },
    );
  }
  return price;
}

function priceOf(call: Call, given: LineItemParam, index: number): WirePrice {
  const param = `line_items[${index}][price]`;
  if ((given.price === undefined) === (given.price_data === undefined)) {
    throw invalidParameter(
      `You must specify either \`price\` or \`price_data\` when creating a Checkout Session line item.`,
      { param },
    );
  }
  if (given.price_data !== undefined) return inlinePrice(call, given.price_data);
  return storedPrice(call, given.price ?? '', param);
}

function lineItem(call: Call, given: LineItemParam, index: number): WireLineItem {
  const price = priceOf(call, given, index);
  if (given.quantity === undefined) {
    throw invalidParameter(`Quantity is required. Add \`quantity\` to \`line_items[${index}]\``, {
      param: `line_items[${index}][quantity]`,
    });
  }
  if (price.unit_amount === null) {
    throw invalidRequest('This stand-in does not model prices in fractions of a cent in Checkout.');
  }
  const amount = price.unit_amount * given.quantity;
  const product = call.store.find('product', String(price.product));
  return {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: product?.name ?? null,
    metadata: mergeMetadata({}, given.metadata),
    price,
    quantity: given.quantity,
  };
}

/** What is sold, in one currency. @throws StripeRefusal 400 in all other cases. */
export function lineItemsOf(call: Call, given: readonly LineItemParam[]) {
  const lineItems = given.map((item, index) => lineItem(call, item, index));
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

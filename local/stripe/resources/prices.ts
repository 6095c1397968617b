import type Stripe from 'stripe';
import { z } from 'zod';
import { boolean, currency, emptyableText, integer, text } from '../api/form.ts';
import { fieldIn, fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { noSuchObject } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { newId } from '../store/identifiers.ts';
import type { WirePrice } from '../store/stored-objects.ts';
import { claimLookupKey, priceAmounts, productForPrice } from './price-rules.ts';

const NOT_MODELLED = ['currency_options', 'tax_behavior'];

const decimalAmount = z.string().regex(/^\d+(\.\d{1,12})?$/);

const recurring = z.strictObject({
  interval: z.enum(['day', 'week', 'month', 'year']),
  interval_count: integer(1, 1095).optional(),
  usage_type: z.enum(['licensed']).optional(),
});

function priceAt(call: Call): WirePrice {
  const price = call.store.find('price', call.id);
  if (price === undefined) throw noSuchObject('price', call.id);
  return price;
}

const create = route({
  method: 'POST',
  path: '/v1/prices',
  params: {
    active: boolean().optional(),
    currency: currency(),
    lookup_key: text(200).optional(),
    metadata: metadata().optional(),
    nickname: text().optional(),
    product: text().optional(),
    product_data: z.strictObject({ name: text() }).optional(),
    recurring: recurring.optional(),
    transfer_lookup_key: boolean().optional(),
    unit_amount: integer(0, 99_999_999).optional(),
    unit_amount_decimal: decimalAmount.optional(),
  },
  notModelled: [
    ...NOT_MODELLED,
    'billing_scheme',
    'custom_unit_amount',
    'tiers',
    'tiers_mode',
    'transform_quantity',
  ],
  handle(call, given) {
    const id = newId('price');
    const unitAmounts = priceAmounts(given);
    claimLookupKey(call, given.lookup_key, id, given.transfer_lookup_key === true);
    const repeats: Stripe.Price.Recurring | null =
      given.recurring === undefined
        ? null
        : {
            interval: given.recurring.interval,
            interval_count: given.recurring.interval_count ?? 1,
            meter: null,
            trial_period_days: null,
            usage_type: 'licensed',
          };
    const price = call.store.insert<WirePrice>({
      id,
      object: 'price',
      active: given.active ?? true,
      billing_scheme: 'per_unit',
      created: call.nowSeconds,
      currency: given.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: given.lookup_key ?? null,
      metadata: mergeMetadata({}, given.metadata),
      nickname: given.nickname ?? null,
      product: productForPrice(call, given.product, given.product_data),
      recurring: repeats,
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: repeats === null ? 'one_time' : 'recurring',
      ...unitAmounts,
    });
    call.emit('price.created', price);
    return ok(price);
  },
});

const retrieve = route({
  method: 'GET',
  path: '/v1/prices/:id',
  handle: (call) => ok(priceAt(call)),
});

const update = route({
  method: 'POST',
  path: '/v1/prices/:id',
  params: {
    active: boolean().optional(),
    lookup_key: emptyableText(200).optional(),
    metadata: metadata().optional(),
    nickname: emptyableText().optional(),
    transfer_lookup_key: boolean().optional(),
  },
  notModelled: NOT_MODELLED,
  handle(call, given) {
    const price = priceAt(call);
    claimLookupKey(call, given.lookup_key, price.id, given.transfer_lookup_key === true);
    const updated = call.store.update<WirePrice>({
      ...price,
      active: given.active ?? price.active,
      lookup_key: given.lookup_key === undefined ? price.lookup_key : given.lookup_key,
      metadata: mergeMetadata(price.metadata, given.metadata),
      nickname: given.nickname === undefined ? price.nickname : given.nickname,
    });
    call.emit('price.updated', updated, price);
    return ok(updated);
  },
});

const list = route({
  method: 'GET',
  path: '/v1/prices',
  params: {
    ...listParams,
    active: boolean().optional(),
    currency: text(3).optional(),
    lookup_keys: z.array(text(200)).max(10).optional(),
    product: text().optional(),
    type: z.enum(['one_time', 'recurring']).optional(),
  },
  notModelled: ['recurring'],
  handle: (call, filter) =>
    ok(
      listObjects(call, 'price', filter, [
        ...fieldIs('active', filter.active),
        ...fieldIs('currency', filter.currency),
        ...fieldIs('product', filter.product),
        ...fieldIs('type', filter.type),
        ...fieldIn('lookup_key', filter.lookup_keys),
      ]),
    ),
});

export const priceRoutes: readonly Route[] = [create, retrieve, update, list];

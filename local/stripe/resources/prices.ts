import { z } from 'zod';
import {
  boolean,
  created,
  currency,
  emptyableText,
  integer,
  mergeMetadata,
  metadata,
  text,
} from '../api/form.ts';
import { fieldIs, listing, retrieving } from '../api/list-objects.ts';
import { invalidParameter, invalidRequest, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { newId, type WirePrice } from '../store/kinds.ts';
import { createProduct } from './products.ts';

interface Amount {
  unit_amount?: number | undefined;
  unit_amount_decimal?: string | undefined;
}

/** `unit_amount` is null when the decimal amount is no whole number of cents. */
function priceAmounts(given: Amount): Pick<WirePrice, 'unit_amount' | 'unit_amount_decimal'> {
  const { unit_amount: whole, unit_amount_decimal: decimal } = given;
  if (whole !== undefined && decimal !== undefined) {
    throw invalidParameter('You may only specify one of these parameters: unit_amount, unit_amount_decimal.');
  }
  if (whole !== undefined) return { unit_amount: whole, unit_amount_decimal: String(whole) };
  if (decimal === undefined) {
    throw invalidParameter('Missing required param: unit_amount.', {
      code: 'parameter_missing',
      param: 'unit_amount',
    });
  }
  return {
    unit_amount: Number.isInteger(Number(decimal)) ? Number(decimal) : null,
    unit_amount_decimal: decimal,
  };
}

export function productForPrice(
  call: Call,
  id: string | undefined,
  data: Parameters<typeof createProduct>[1] | undefined,
): string {
  if ((id === undefined) === (data === undefined)) {
    throw invalidParameter('You must specify one of these parameters: product, product_data.', {
      code: 'parameter_missing',
      param: 'product',
    });
  }
  if (data !== undefined) return createProduct(call, data).id;
  if (id === undefined || call.store.find('product', id) === undefined) {
    throw noSuchReference('product', id ?? '', 'product');
  }
  return id;
}

/** A lookup key names one price of the account; it moves only when told to. */
function claimLookupKey(
  call: Call,
  priceId: string,
  { lookup_key: key, transfer_lookup_key: transfer }: { lookup_key?: unknown; transfer_lookup_key?: unknown },
): void {
  if (typeof key !== 'string') return;
  const holder = call.store.page('price', fieldIs('lookup_key', key), { limit: 1 }).data[0];
  if (holder === undefined || holder.id === priceId) return;
  if (transfer !== true) {
    throw invalidRequest(`A price (\`${holder.id}\`) already uses that lookup key.`, { param: 'lookup_key' });
  }
  call.emit('price.updated', call.change(holder, { lookup_key: null }), holder);
}

const recurring = z.strictObject({
  interval: z.enum(['day', 'week', 'month', 'year']),
  interval_count: integer(1, 1095).default(1),
  meter: text().optional(),
  usage_type: z.enum(['licensed', 'metered']).default('licensed'),
});

/** What is billed by use is counted by a meter, and what is not has none. */
function checkMeter(call: Call, given: z.output<typeof recurring> | undefined): void {
  const { meter, usage_type: usage } = given ?? {};
  const param = 'recurring[meter]';
  if (usage === 'metered' && meter === undefined) {
    throw invalidParameter(
      'You must specify a meter when creating a metered price. Legacy usage records are no longer supported.',
      { code: 'parameter_missing', param },
    );
  }
  if (meter === undefined) return;
  if (usage !== 'metered') throw invalidParameter('Only metered prices can have a meter.', { param });
  const found = call.store.find('billing.meter', meter);
  if (found === undefined) throw noSuchReference('meter', meter, param);
  if (found.status !== 'active') throw invalidRequest('The meter of a price must be active.', { param });
}

const create = route({
  method: 'POST',
  path: '/v1/prices',
  params: {
    active: boolean().optional(),
    billing_scheme: z.enum(['per_unit']).optional(),
    currency: currency(),
    lookup_key: text(200).optional(),
    metadata: metadata().optional(),
    nickname: text().optional(),
    product: text().optional(),
    product_data: z.strictObject({ name: text() }).optional(),
    recurring: recurring.optional(),
    transfer_lookup_key: boolean().optional(),
    unit_amount: integer(0, 99_999_999).optional(),
    unit_amount_decimal: z
      .string()
      .regex(/^\d+(\.\d{1,12})?$/)
      .optional(),
  },
  handle(call, given) {
    const id = newId('price');
    checkMeter(call, given.recurring);
    const unitAmounts = priceAmounts(given);
    claimLookupKey(call, id, given);
    const price = call.create('price', {
      id,
      active: given.active ?? true,
      billing_scheme: 'per_unit',
      currency: given.currency,
      lookup_key: given.lookup_key,
      metadata: mergeMetadata({}, given.metadata),
      nickname: given.nickname,
      product: productForPrice(call, given.product, given.product_data),
      recurring: given.recurring,
      tax_behavior: 'unspecified',
      type: given.recurring === undefined ? 'one_time' : 'recurring',
      ...unitAmounts,
    });
    call.emit('price.created', price);
    return ok(price);
  },
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
  handle(call, { transfer_lookup_key: transfer, metadata: change, ...fields }) {
    const price = call.object('price');
    claimLookupKey(call, price.id, { ...fields, transfer_lookup_key: transfer });
    const updated = call.change(price, { ...fields, metadata: mergeMetadata(price.metadata, change) });
    call.emit('price.updated', updated, price);
    return ok(updated);
  },
});

export const priceRoutes: readonly Route[] = [
  create,
  retrieving('price'),
  update,
  listing('price', {
    created: created(),
    active: boolean(),
    currency: text(3),
    lookup_keys: z.array(text(200)).max(10),
    product: text(),
    type: z.enum(['one_time', 'recurring']),
  }),
];

import type Stripe from 'stripe';
import { z } from 'zod';
import { boolean, emptyableText, text } from '../api/form.ts';
import { fieldIn, fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { onlyGiven } from '../api/only-given.ts';
import { invalidRequest, noSuchObject, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { newId } from '../store/identifiers.ts';

const NOT_MODELLED = ['images', 'marketing_features', 'package_dimensions', 'shippable', 'tax_details'];

const params = {
  active: boolean().optional(),
  description: emptyableText(40_000).optional(),
  metadata: metadata().optional(),
  statement_descriptor: text(22).optional(),
  tax_code: emptyableText().optional(),
  unit_label: emptyableText(12).optional(),
  url: emptyableText(2048).optional(),
};

/** Inserts a product; also used for the `product_data` of a price. */
export function createProduct(
  call: Call,
  fields: Partial<Stripe.Product> & { name: string },
): Stripe.Product {
  const product = call.store.insert<Stripe.Product>({
    id: newId('prod', 14),
    object: 'product',
    active: true,
    created: call.nowSeconds,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: call.nowSeconds,
    url: null,
    ...fields,
  });
  call.emit('product.created', product);
  return product;
}

function productAt(call: Call): Stripe.Product {
  const product = call.store.find('product', call.id);
  if (product === undefined) throw noSuchObject('product', call.id);
  return product;
}

const create = route({
  method: 'POST',
  path: '/v1/products',
  params: { ...params, id: text(255).optional(), name: text() },
  notModelled: [...NOT_MODELLED, 'default_price_data', 'type'],
  handle(call, { metadata: change, name, id, ...fields }) {
    if (id !== undefined && call.store.findAny(id) !== undefined) {
      throw invalidRequest(`Product already exists.`, { code: 'resource_already_exists', param: 'id' });
    }
    return ok(
      createProduct(call, { ...onlyGiven({ ...fields, id }), name, metadata: mergeMetadata({}, change) }),
    );
  },
});

const retrieve = route({
  method: 'GET',
  path: '/v1/products/:id',
  handle: (call) => ok(productAt(call)),
});

const update = route({
  method: 'POST',
  path: '/v1/products/:id',
  params: { ...params, name: text().optional(), default_price: text().optional() },
  notModelled: NOT_MODELLED,
  handle(call, { metadata: change, ...fields }) {
    const product = productAt(call);
    const price = fields.default_price;
    if (price !== undefined && call.store.find('price', price)?.product !== product.id) {
      throw noSuchReference('price', price, 'default_price');
    }
    const updated = call.store.update<Stripe.Product>({
      ...product,
      ...onlyGiven(fields),
      metadata: mergeMetadata(product.metadata, change),
      updated: call.nowSeconds,
    });
    call.emit('product.updated', updated, product);
    return ok(updated);
  },
});

const list = route({
  method: 'GET',
  path: '/v1/products',
  params: { ...listParams, active: boolean().optional(), ids: z.array(text()).optional() },
  notModelled: ['shippable', 'type', 'url'],
  handle: (call, filter) =>
    ok(
      listObjects(call, 'product', filter, [
        ...fieldIs('active', filter.active),
        ...fieldIn('id', filter.ids),
      ]),
    ),
});

export const productRoutes: readonly Route[] = [create, retrieve, update, list];

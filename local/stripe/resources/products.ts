import type Stripe from 'stripe';
import { z } from 'zod';
import { boolean, created, emptyableText, mergeMetadata, metadata, text } from '../api/form.ts';
import { listing, retrieving } from '../api/list-objects.ts';
import { invalidRequest, noSuchReference } from '../api/refusal.ts';
import { type Call, type New, ok, type Route, route } from '../api/route.ts';

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
  fields: Partial<New<'product'>> & { readonly name: string },
): Stripe.Product {
  const product = call.create('product', {
    type: 'service',
    updated: call.nowSeconds,
    ...fields,
    active: fields.active ?? true,
  });
  call.emit('product.created', product);
  return product;
}

const create = route({
  method: 'POST',
  path: '/v1/products',
  params: { ...params, id: text(255).optional(), name: text() },
  handle(call, { metadata: change, ...fields }) {
    if (fields.id !== undefined && call.store.findAny(fields.id) !== undefined) {
      throw invalidRequest(`Product already exists.`, { code: 'resource_already_exists', param: 'id' });
    }
    return ok(createProduct(call, { ...fields, metadata: mergeMetadata({}, change) }));
  },
});

const update = route({
  method: 'POST',
  path: '/v1/products/:id',
  params: { ...params, name: text().optional(), default_price: text().optional() },
  handle(call, { metadata: change, ...fields }) {
    const product = call.object('product');
    const price = fields.default_price;
    if (price !== undefined && call.store.find('price', price)?.product !== product.id) {
      throw noSuchReference('price', price, 'default_price');
    }
    const updated = call.change(product, {
      ...fields,
      metadata: mergeMetadata(product.metadata, change),
      updated: call.nowSeconds,
    });
    call.emit('product.updated', updated, product);
    return ok(updated);
  },
});

export const productRoutes: readonly Route[] = [
  create,
  retrieving('product'),
  update,
  listing('product', { created: created(), active: boolean(), ids: z.array(text()) }),
];

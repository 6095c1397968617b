import type Stripe from 'stripe';
import { email, emptyableText, text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { onlyGiven } from '../api/only-given.ts';
import { noSuchObject, noSuchReference } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { newId } from '../store/identifiers.ts';

const NOT_MODELLED = [
  'address',
  'balance',
  'business_name',
  'cash_balance',
  'default_source',
  'individual_name',
  'invoice_prefix',
  'invoice_settings',
  'next_invoice_sequence',
  'payment_method',
  'preferred_locales',
  'shipping',
  'source',
  'tax',
  'tax_exempt',
  'tax_id_data',
  'test_clock',
];

const params = {
  email: email().optional(),
  name: emptyableText(256).optional(),
  phone: emptyableText(20).optional(),
  description: emptyableText().optional(),
  metadata: metadata().optional(),
};

function customerAt(call: Call): Stripe.Customer {
  const customer = call.store.find('customer', call.id);
  if (customer === undefined) throw noSuchObject('customer', call.id);
  return customer;
}

/** @throws StripeRefusal 400 when a parameter names a customer that does not exist. */
export function requireCustomer(call: Call, id: string | undefined): void {
  if (id !== undefined && call.store.find('customer', id) === undefined) {
    throw noSuchReference('customer', id, 'customer');
  }
}

const create = route({
  method: 'POST',
  path: '/v1/customers',
  params,
  notModelled: NOT_MODELLED,
  handle(call, given) {
    const customer = call.store.insert<Stripe.Customer>({
      id: newId('cus', 14),
      object: 'customer',
      address: null,
      balance: 0,
      created: call.nowSeconds,
      currency: null,
      customer_account: null,
      default_source: null,
      delinquent: false,
      description: given.description ?? null,
      discount: null,
      email: given.email ?? null,
      invoice_prefix: newId('', 8).slice(1).toUpperCase(),
      invoice_settings: {
        custom_fields: null,
        default_payment_method: null,
        footer: null,
        rendering_options: null,
      },
      livemode: false,
      metadata: mergeMetadata({}, given.metadata),
      name: given.name ?? null,
      next_invoice_sequence: 1,
      phone: given.phone ?? null,
      preferred_locales: [],
      shipping: null,
      tax_exempt: 'none',
      test_clock: null,
    });
    call.emit('customer.created', customer);
    return ok(customer);
  },
});

const retrieve = route({
  method: 'GET',
  path: '/v1/customers/:id',
  handle: (call) => ok(customerAt(call)),
});

const update = route({
  method: 'POST',
  path: '/v1/customers/:id',
  params,
  notModelled: NOT_MODELLED,
  handle(call, { metadata: change, ...fields }) {
    const customer = customerAt(call);
    const updated = call.store.update<Stripe.Customer>({
      ...customer,
      ...onlyGiven(fields),
      metadata: mergeMetadata(customer.metadata, change),
    });
    call.emit('customer.updated', updated, customer);
    return ok(updated);
  },
});

const list = route({
  method: 'GET',
  path: '/v1/customers',
  params: { ...listParams, email: text(512).optional() },
  notModelled: ['test_clock'],
  handle: (call, given) => ok(listObjects(call, 'customer', given, fieldIs('email', given.email))),
});

export const customerRoutes: readonly Route[] = [create, retrieve, update, list];

import type Stripe from 'stripe';
import { text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { mergeMetadata } from '../api/metadata.ts';
import { onlyGiven } from '../api/only-given.ts';
import { noSuchObject } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';
import { attachPaymentMethod } from '../payment-methods/attach-payment-method.ts';
import { namedPaymentMethod } from '../payment-methods/supplied-payment-method.ts';
import { addressOf, customerParams, withDefaultMethod } from './customer-fields.ts';
import { deleteCustomer } from './delete-customer.ts';
import { customerAt } from './find-customer.ts';
import { newCustomer } from './new-customer.ts';

const NOT_MODELLED = [
  'balance',
  'business_name',
  'cash_balance',
  'individual_name',
  'invoice_prefix',
  'next_invoice_sequence',
  'shipping',
  'source',
  'tax',
  'tax_exempt',
  'validate',
];

const create = route({
  method: 'POST',
  path: '/v1/customers',
  params: { ...customerParams, payment_method: text().optional() },
  notModelled: [...NOT_MODELLED, 'tax_id_data', 'test_clock'],
  handle(call, given) {
    const { metadata, address, invoice_settings: invoicing, payment_method: methodId, ...fields } = given;
    const inserted = newCustomer(call, {
      ...onlyGiven({ ...fields, address: addressOf(address) }),
      metadata: mergeMetadata({}, metadata),
    });
    const method =
      methodId === undefined
        ? undefined
        : attachPaymentMethod(call, namedPaymentMethod(call, methodId), inserted.id);
    // Stripe's test ids name the card that was just made of them.
    const asked = invoicing?.default_payment_method;
    const defaultMethod = asked !== undefined && asked === methodId ? method?.id : asked;
    const customer = call.store.update(withDefaultMethod(call, inserted, defaultMethod));
    call.emit('customer.created', customer);
    return ok(customer);
  },
});

const retrieve = route({
  method: 'GET',
  path: '/v1/customers/:id',
  handle(call) {
    const customer = call.store.find('customer', call.id);
    if (customer === undefined) throw noSuchObject('customer', call.id);
    return ok(customer);
  },
});

const update = route({
  method: 'POST',
  path: '/v1/customers/:id',
  params: customerParams,
  notModelled: [...NOT_MODELLED, 'default_source'],
  handle(call, { metadata: change, invoice_settings: invoicing, address, ...fields }) {
    const customer = customerAt(call);
    const changed: Stripe.Customer = {
      ...customer,
      ...onlyGiven({ ...fields, address: addressOf(address) }),
      metadata: mergeMetadata(customer.metadata, change),
    };
    const updated = call.store.update(withDefaultMethod(call, changed, invoicing?.default_payment_method));
    call.emit('customer.updated', updated, customer);
    return ok(updated);
  },
});

const list = route({
  method: 'GET',
  path: '/v1/customers',
  params: { ...listParams, email: text(512).optional() },
  notModelled: ['test_clock'],
  handle: (call, given) =>
    ok(
      listObjects(call, 'customer', given, [
        { sql: `json_extract(body, '$.deleted') IS NULL`, values: [] },
        ...fieldIs('email', given.email),
      ]),
    ),
});

const remove = route({
  method: 'DELETE',
  path: '/v1/customers/:id',
  handle: (call) => ok(deleteCustomer(call, customerAt(call))),
});

export const customerRoutes: readonly Route[] = [create, retrieve, update, list, remove];

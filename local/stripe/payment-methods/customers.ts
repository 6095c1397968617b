import type Stripe from 'stripe';
import { z } from 'zod';
import { created, email, emptyableText, mergeMetadata, metadata, onlyGiven, text } from '../api/form.ts';
import { fieldIs, listObjects, pageParams, retrieving } from '../api/list-objects.ts';
import { noSuchObject, noSuchReference } from '../api/refusal.ts';
import { type Call, type New, ok, type Route, route } from '../api/route.ts';
import { newId } from '../store/kinds.ts';
import { attachPaymentMethod, namedPaymentMethod, privatePartOf } from './use-payment-method.ts';

const ALL = 1_000;

/** The customer with this id, unless it was deleted (a deleted one keeps its id and nothing else). */
export function findCustomer(call: Call, id: string): Stripe.Customer | undefined {
  const customer = call.store.find('customer', id);
  return customer !== undefined && (Reflect.get(customer, 'deleted') as unknown) === true
    ? undefined
    : customer;
}

/** The customer in the path. @throws StripeRefusal 404, also when it was deleted. */
export function customerAt(call: Call): Stripe.Customer {
  const customer = findCustomer(call, call.id);
  if (customer === undefined) throw noSuchObject('customer', call.id);
  return customer;
}

/** @throws StripeRefusal 400 when a parameter names a customer that does not exist. */
export function requireCustomer(call: Call, id: string | undefined): void {
  if (id !== undefined && findCustomer(call, id) === undefined) {
    throw noSuchReference('customer', id, 'customer');
  }
}

/** Adds a customer; the caller announces it. */
export function newCustomer(call: Call, fields: Partial<New<'customer'>>): Stripe.Customer {
  return call.create('customer', {
    balance: 0,
    delinquent: false,
    invoice_prefix: newId('', 8).slice(1).toUpperCase(),
    next_invoice_sequence: 1,
    preferred_locales: [],
    tax_exempt: 'none',
    ...fields,
  });
}

/**
 * The customer with another default payment method (null: none; undefined: as it is).
 * @throws StripeRefusal 400 unless the method is attached to this customer.
 */
export function withDefaultMethod(
  call: Call,
  customer: Stripe.Customer,
  methodId: string | null | undefined,
): Stripe.Customer {
  if (methodId === undefined) return customer;
  const param = 'invoice_settings[default_payment_method]';
  if (methodId !== null && call.store.find('payment_method', methodId)?.customer !== customer.id) {
    throw noSuchReference('PaymentMethod', methodId, param);
  }
  return call.change(customer, {
    invoice_settings: { ...customer.invoice_settings, default_payment_method: methodId },
  });
}

const line = emptyableText().optional();

/** Sets the whole address; an empty string takes it away. */
const address = z.union([
  z.literal('').transform(() => null),
  z
    .strictObject({
      city: line,
      country: emptyableText(2).optional(),
      line1: line,
      line2: line,
      postal_code: line,
      state: line,
    })
    .transform((given): Stripe.Address => {
      const empty = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
      return { ...empty, ...onlyGiven(given) };
    }),
]);

/** What may be set when creating and when updating a customer. */
const customerParams = {
  address: address.optional(),
  email: email().optional(),
  invoice_settings: z.strictObject({ default_payment_method: emptyableText().optional() }).optional(),
  metadata: metadata().optional(),
  name: emptyableText(256).optional(),
  phone: emptyableText(20).optional(),
  description: emptyableText().optional(),
  preferred_locales: z.array(text()).optional(),
};

const create = route({
  method: 'POST',
  path: '/v1/customers',
  params: { ...customerParams, payment_method: text().optional(), test_clock: text().optional() },
  handle(call, given) {
    const { metadata: change, invoice_settings: invoicing, payment_method: methodId, ...fields } = given;
    const clock = given.test_clock;
    if (clock !== undefined && call.store.find('test_helpers.test_clock', clock) === undefined) {
      throw noSuchReference('test clock', clock, 'test_clock');
    }
    const inserted = newCustomer(call, { ...fields, metadata: mergeMetadata({}, change) });
    const method =
      methodId === undefined
        ? undefined
        : attachPaymentMethod(call, namedPaymentMethod(call, methodId), inserted.id);
    // Stripe's test ids name the card that was just made of them.
    const asked = invoicing?.default_payment_method;
    const defaultMethod = asked !== undefined && asked === methodId ? method?.id : asked;
    const customer = withDefaultMethod(call, inserted, defaultMethod);
    call.emit('customer.created', customer);
    return ok(customer);
  },
});

const update = route({
  method: 'POST',
  path: '/v1/customers/:id',
  params: customerParams,
  handle(call, { metadata: change, invoice_settings: invoicing, ...fields }) {
    const customer = customerAt(call);
    const changed = call.change(customer, {
      ...fields,
      metadata: mergeMetadata(customer.metadata, change),
    });
    const updated = withDefaultMethod(call, changed, invoicing?.default_payment_method);
    call.emit('customer.updated', updated, customer);
    return ok(updated);
  },
});

const list = route({
  method: 'GET',
  path: '/v1/customers',
  params: { ...pageParams, created: created().optional(), email: text(512).optional() },
  handle: (call, given) =>
    ok(
      listObjects(call, 'customer', given, [
        { sql: `json_extract(body, '$.deleted') IS NULL`, values: [] },
        ...fieldIs('email', given.email),
      ]),
    ),
});

/**
 * https://docs.stripe.com/api/customers/delete: cannot be undone. The customer's payment methods go with it,
 * payments and charges keep its id.
 */
const remove = route({
  method: 'DELETE',
  path: '/v1/customers/:id',
  handle(call) {
    const customer = customerAt(call);
    const methods = call.store.page('payment_method', fieldIs('customer', customer.id), { limit: ALL }).data;
    for (const method of methods) {
      call.change(method, { customer: null });
      call.store.setPrivatePart('payment_method', method.id, {
        ...privatePartOf(call, method.id),
        used: true,
      });
    }
    const deleted = call.store.replace({ id: customer.id, object: 'customer', deleted: true } as const);
    call.emit('customer.deleted', customer);
    return ok(deleted);
  },
});

export const customerRoutes: readonly Route[] = [create, retrieving('customer'), update, list, remove];

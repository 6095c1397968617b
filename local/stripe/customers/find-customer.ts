import type Stripe from 'stripe';
import { noSuchObject, noSuchReference } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';

/** A deleted customer keeps its id and nothing else (https://docs.stripe.com/api/customers/delete). */
function isDeleted(customer: object): boolean {
  return Reflect.get(customer, 'deleted') === true;
}

export function findCustomer(call: Call, id: string): Stripe.Customer | undefined {
  const customer = call.store.find('customer', id);
  return customer === undefined || isDeleted(customer) ? undefined : customer;
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

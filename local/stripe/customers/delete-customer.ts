import type Stripe from 'stripe';
import { fieldIs } from '../api/list-objects.ts';
import type { Call } from '../api/route.ts';
import { privatePartOf } from '../payment-methods/supplied-payment-method.ts';

const ALL = 1_000;

/**
 * https://docs.stripe.com/api/customers/delete: cannot be undone. The customer's payment methods go with it,
 * payments and charges keep its id.
 */
export function deleteCustomer(call: Call, customer: Stripe.Customer): object {
  for (const method of call.store.page('payment_method', fieldIs('customer', customer.id), { limit: ALL })
    .data) {
    call.store.update<Stripe.PaymentMethod>({ ...method, customer: null });
    call.store.setPrivatePart('payment_method', method.id, { ...privatePartOf(call, method.id), used: true });
  }
  const deleted = { id: customer.id, object: 'customer', deleted: true } as const;
  call.store.replaceBody(customer.id, deleted);
  call.emit('customer.deleted', customer);
  return deleted;
}

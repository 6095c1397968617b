import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import { newId } from '../store/identifiers.ts';

type Fields = Partial<
  Pick<
    Stripe.Customer,
    'address' | 'description' | 'email' | 'metadata' | 'name' | 'phone' | 'preferred_locales'
  >
>;

/** Adds a customer; the caller announces it. */
export function newCustomer(call: Call, fields: Fields): Stripe.Customer {
  return call.store.insert<Stripe.Customer>({
    id: newId('cus', 14),
    object: 'customer',
    address: null,
    balance: 0,
    created: call.nowSeconds,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: newId('', 8).slice(1).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
    ...fields,
  });
}

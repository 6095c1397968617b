import type { Call } from '../api/route.ts';
import { timeOf } from '../payment-methods/time-of-customer.ts';
import { newId, type WireInvoiceItem, type WirePrice } from '../store/kinds.ts';

interface NewItem {
  readonly amount: number;
  readonly currency: string;
  readonly customer: string;
  readonly description?: string | undefined;
  readonly metadata?: Record<string, string>;
  readonly period?: { readonly start: number; readonly end: number };
  readonly price?: WirePrice;
  readonly proration?: boolean;
  readonly quantity: number;
  readonly subscription?: string | undefined;
  readonly unitAmountDecimal?: string;
}

/** Something that waits for the customer's next invoice. */
export function newInvoiceItem(call: Call, given: NewItem): WireInvoiceItem {
  const { amount, currency, customer, quantity, price } = given;
  const now = timeOf(call, customer);
  const unit = given.unitAmountDecimal ?? price?.unit_amount_decimal ?? null;
  const item = call.create('invoiceitem', {
    id: newId('ii'),
    amount,
    currency,
    customer,
    date: now,
    description: given.description,
    discountable: given.proration !== true,
    discounts: [],
    metadata: given.metadata ?? {},
    parent:
      given.subscription === undefined
        ? null
        : { subscription_details: { subscription: given.subscription }, type: 'subscription_details' },
    period: given.period ?? { start: now, end: now },
    pricing:
      unit === null
        ? null
        : {
            ...(price === undefined
              ? {}
              : { price_details: { price: price.id, product: String(price.product) } }),
            unit_amount_decimal: unit,
          },
    proration: given.proration ?? false,
    quantity,
    quantity_decimal: String(quantity),
    tax_rates: [],
  });
  call.emit('invoiceitem.created', item);
  return item;
}

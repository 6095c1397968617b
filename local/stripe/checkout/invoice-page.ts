import { html } from '../../../shared/html.ts';
import { formatAmount } from '../api/amount.ts';
import { StripeRefusal } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { type Field, notFoundPage, type PageAnswer, page } from '../pages/send-page.ts';
import { findCustomer, withDefaultMethod } from '../payment-methods/customers.ts';
import { attachAllowed } from '../payment-methods/use-payment-method.ts';
import type { WireInvoice } from '../store/kinds.ts';
import { collect } from '../subscriptions/invoices.ts';
import { cardFields, type Mistakes } from './checkout-page.ts';
import { mistakesOf, typedMethod } from './pay-checkout.ts';

const NO_MISTAKES: Mistakes = { message: '', fields: {} };

function invoicePage(invoice: WireInvoice, field: Field, mistakes: Mistakes): PageAnswer {
  const cash = (amount: number) => formatAmount(amount, invoice.currency);
  const rows = invoice.lines.data.map(
    ({ description, amount }) => html`<li><span>${description ?? ''}</span><span>${cash(amount)}</span></li>`,
  );
  const tax = invoice.total - invoice.subtotal;
  const isOwed = invoice.status === 'open' || invoice.status === 'uncollectible';
  const form = html`${mistakes.message === '' ? null : html`<p role="alert">${mistakes.message}</p>`}
<form method="post" action="/i/${invoice.id}"><input type="radio" name="method" value="card" checked hidden>
${cardFields(mistakes, field)}
<button class="wide">Pay ${cash(invoice.amount_remaining)}</button></form>`;
  const document = html`<h1>Invoice ${invoice.number ?? ''}</h1>
<ul class="items">${rows}
${tax === 0 ? null : html`<li><span>Tax</span><span>${cash(tax)}</span></li>`}</ul>
<p class="total"><span>Total</span><span>${cash(invoice.total)}</span></p>
${isOwed ? form : html`<p class="hint">This invoice is ${invoice.status}.</p>`}`;
  return page('Invoice', document, mistakes.message === '' ? 200 : 402);
}

/** What is at `hosted_invoice_url`: whoever has the address may see the invoice, and pay it. */
export function showInvoice(call: Call, field: Field): PageAnswer {
  const invoice = call.store.find('invoice', call.id);
  if (invoice?.hosted_invoice_url === undefined) return notFoundPage();
  return invoicePage(invoice, field, NO_MISTAKES);
}

/** The card that pays is the customer's from then on, where there was none. A card that asks for 3-D Secure is declined here. */
export function payInvoice(call: Call, field: Field): PageAnswer {
  const invoice = call.store.find('invoice', call.id);
  if (invoice?.hosted_invoice_url === undefined) return notFoundPage();
  const customerId = String(invoice.customer);
  try {
    return call.store.attempt(() => {
      const method = typedMethod(call, field);
      attachAllowed(call, method, customerId);
      const customer = findCustomer(call, customerId);
      if (customer !== undefined && customer.invoice_settings?.default_payment_method == null)
        withDefaultMethod(call, customer, method.id);
      const paid = collect(call, invoice, { methodId: method.id });
      if (paid.status !== 'paid') throw new StripeRefusal(402, 'card_error', 'Your card was declined.');
      return invoicePage(paid, field, NO_MISTAKES);
    });
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    return invoicePage(invoice, field, mistakesOf(error));
  }
}

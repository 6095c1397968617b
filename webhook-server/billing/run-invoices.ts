import type Stripe from 'stripe';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { addInvoiceLines } from '../payments/add-invoice-lines.ts';
import { applyInvoice, noteInvoice } from '../payments/apply-invoice.ts';
import { noteSubscription } from '../payments/apply-subscription.ts';
import { askStripe, createAtStripe } from '../payments/stripe-client.ts';

/** The hook has brought it long before; until the draft is final there is most of an hour left then. */
const PATIENCE_SECONDS = 600;
const AT_ONCE = 100;
const NEWEST = 12;

const idOf = (value: string | { id: string }): string => (typeof value === 'string' ? value : value.id);

/**
 * What a subscription that has ended still owes is an invoice of its own: no period of it comes any more. By its key it is made
 * once, and items that wait at Stripe go along.
 */
async function makeLastInvoice(deps: Dependencies, subscription: Stripe.Subscription): Promise<void> {
  const { stripe, config } = deps;
  const customer = idOf(subscription.customer);
  const waiting = await askStripe(() => stripe.invoiceItems.list({ customer, pending: true, limit: 100 }));
  const [newest] = waiting?.data ?? [];
  if (newest === undefined) return;
  const invoice = await createAtStripe(`last_invoice:${subscription.id}:${newest.id}`, (options) =>
    stripe.invoices.create(
      {
        customer,
        currency: subscription.currency,
        auto_advance: true,
        pending_invoice_items_behavior: 'include',
        metadata: { subscription_id: subscription.id },
        ...(config.STRIPE_AUTOMATIC_TAX && { automatic_tax: { enabled: true } }),
      },
      options,
    ),
  );
  if (invoice !== null) await applyInvoice(deps, invoice.id);
}

/**
 * Brings the invoices of a subscription to what Stripe says, and puts on its draft what is missing there. Harmless to repeat, by
 * however many at once.
 * @returns the newest invoice, or null where there is none
 * @throws Fault `payment_refused`, `payment_misconfigured`, `payment_provider_unavailable`, `database_unavailable`
 */
export async function runInvoices(
  deps: Dependencies,
  subscriptionId: string,
): Promise<Stripe.Invoice | null> {
  const { stripe } = deps;
  const readAt = deps.now();
  const subscription = await askStripe(() => stripe.subscriptions.retrieve(subscriptionId));
  if (subscription === null) return null;
  await noteSubscription(deps, subscription, readAt);
  const list = async () => {
    const at = deps.now();
    const found = await askStripe(() =>
      stripe.invoices.list({ subscription: subscriptionId, limit: NEWEST }),
    );
    return { invoices: found?.data ?? [], at };
  };
  const { invoices, at } = await list();
  const draft = invoices.find(({ status }) => status === 'draft');
  if (draft === undefined) await addInvoiceLines(deps, subscriptionId, null);
  else await applyInvoice(deps, draft.id);
  for (const invoice of invoices) if (invoice.id !== draft?.id) await noteInvoice(deps, invoice, at);
  if (subscription.status === 'canceled') await makeLastInvoice(deps, subscription);
  return (await list()).invoices[0] ?? null;
}

/** Subscriptions whose period is over and on no invoice: a hook that never came, or a subscription that ended. */
export async function runDueInvoices(deps: Dependencies): Promise<number> {
  const args = { p_limit: AT_ONCE, p_after_seconds: PATIENCE_SECONDS };
  const due = await callFunction(deps.database, 'list_invoice_runs', args, z.array(z.string()));
  for (const id of due) {
    try {
      await runInvoices(deps, id);
    } catch (error) {
      // One that cannot be billed must not keep others from it; it is due again in the next run.
      deps.logger.error(
        { subscription_id: id, err: error },
        'the invoices of a subscription cannot be brought on',
      );
    }
  }
  return due.length;
}

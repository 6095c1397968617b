import { idOf, making, type Step } from './step.ts';

const TORONTO = {
  country: 'CA',
  state: 'ON',
  postal_code: 'M5V 2T6',
  line1: '1 Front Street',
  city: 'Toronto',
};

/** Plans, changes of them, their invoices, and what is given back. */
export const invoiceSteps: readonly Step[] = [
  {
    name: 'create a customer who pays by card',
    async run(stripe, made) {
      const customer = await making(made, 'tenant', stripe.customers.create({ address: TORONTO }));
      const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
      return stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: card.id } });
    },
  },
  ...(['small', 'large'] as const).map(
    (name, index): Step => ({
      name: `create the price of a ${name} plan`,
      run: (stripe, made) =>
        making(
          made,
          name,
          stripe.prices.create({
            currency: 'cad',
            unit_amount: 100_000 * (index + 1),
            recurring: { interval: 'month' },
            product_data: { name },
          }),
        ),
    }),
  ),
  {
    name: 'subscribe to a day of each month',
    async run(stripe, made) {
      const subscription = await making(
        made,
        'plan',
        stripe.subscriptions.create({
          customer: idOf(made, 'tenant'),
          items: [{ price: idOf(made, 'small') }],
          billing_cycle_anchor_config: { day_of_month: 31, hour: 5, minute: 0, second: 0 },
          proration_behavior: 'none',
          trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
        }),
      );
      made.set('item', subscription.items.data[0]?.id ?? '');
      return subscription;
    },
  },
  {
    name: 'subscribe from a day to come',
    refused: '',
    run: (stripe, made) =>
      stripe.subscriptions.create({
        customer: idOf(made, 'tenant'),
        items: [{ price: idOf(made, 'small') }],
        backdate_start_date: Math.floor(Date.now() / 1000) + 86_400,
      }),
  },
  {
    name: 'preview a larger plan',
    run: (stripe, made) =>
      stripe.invoices.createPreview({
        subscription: idOf(made, 'plan'),
        subscription_details: {
          items: [{ id: idOf(made, 'item'), price: idOf(made, 'large') }],
          proration_behavior: 'always_invoice',
        },
      }),
  },
  {
    name: 'change to a larger plan',
    async run(stripe, made) {
      const changed = await stripe.subscriptions.update(idOf(made, 'plan'), {
        items: [{ id: idOf(made, 'item'), price: idOf(made, 'large') }],
        proration_behavior: 'always_invoice',
        payment_behavior: 'pending_if_incomplete',
      });
      made.set('invoice', String(changed.latest_invoice));
      return changed;
    },
  },
  {
    name: 'retrieve an invoice with its payments',
    run: (stripe, made) => stripe.invoices.retrieve(idOf(made, 'invoice'), { expand: ['payments'] }),
  },
  {
    name: 'list the payments of an invoice',
    run: (stripe, made) => stripe.invoicePayments.list({ invoice: idOf(made, 'invoice') }),
  },
  {
    name: 'add an item to an invoice that is final',
    refused: 'invoice_not_editable',
    run: (stripe, made) =>
      stripe.invoiceItems.create({
        customer: idOf(made, 'tenant'),
        currency: 'cad',
        amount: 100,
        invoice: idOf(made, 'invoice'),
      }),
  },
  {
    name: 'credit a part of an invoice',
    run: (stripe, made) =>
      making(
        made,
        'note',
        stripe.creditNotes.create({
          invoice: idOf(made, 'invoice'),
          lines: [{ type: 'custom_line_item', description: 'goodwill', quantity: 1, unit_amount: 100 }],
          credit_amount: 100,
          reason: 'product_unsatisfactory',
        }),
      ),
  },
  {
    name: 'credit more than an invoice',
    refused: '',
    run: (stripe, made) =>
      stripe.creditNotes.create({
        invoice: idOf(made, 'invoice'),
        amount: 99_999_999,
        credit_amount: 99_999_999,
      }),
  },
  {
    name: 'list credit notes',
    run: (stripe, made) => stripe.creditNotes.list({ invoice: idOf(made, 'invoice') }),
  },
  {
    name: 'pause a subscription',
    run: (stripe, made) => stripe.subscriptions.pause(idOf(made, 'plan'), { type: 'subscription' }),
  },
  {
    name: 'pause it again',
    refused: '',
    run: (stripe, made) => stripe.subscriptions.pause(idOf(made, 'plan')),
  },
  {
    name: 'resume a subscription',
    run: (stripe, made) =>
      stripe.subscriptions.resume(idOf(made, 'plan'), { billing_cycle_anchor: { type: 'now' } }),
  },
  {
    name: 'end a subscription with its period',
    run: (stripe, made) => stripe.subscriptions.update(idOf(made, 'plan'), { cancel_at: 'min_period_end' }),
  },
  {
    name: 'draw up an invoice of no subscription',
    run: (stripe, made) =>
      making(
        made,
        'draft',
        stripe.invoices.create({
          customer: idOf(made, 'tenant'),
          currency: 'cad',
          auto_advance: false,
          automatic_tax: { enabled: true },
          pending_invoice_items_behavior: 'exclude',
        }),
      ),
  },
  {
    name: 'add an item to a draft',
    run: (stripe, made) =>
      stripe.invoiceItems.create({
        customer: idOf(made, 'tenant'),
        currency: 'cad',
        amount: 100_000,
        invoice: idOf(made, 'draft'),
      }),
  },
  {
    name: 'make an invoice final',
    run: (stripe, made) => stripe.invoices.finalizeInvoice(idOf(made, 'draft'), { auto_advance: false }),
  },
  {
    name: 'give an invoice up',
    run: (stripe, made) => stripe.invoices.markUncollectible(idOf(made, 'draft')),
  },
  { name: 'void an invoice', run: (stripe, made) => stripe.invoices.voidInvoice(idOf(made, 'draft')) },
  {
    name: 'void it again',
    refused: '',
    run: (stripe, made) => stripe.invoices.voidInvoice(idOf(made, 'draft')),
  },
  {
    name: 'tax somebody who is nowhere',
    refused: 'customer_tax_location_invalid',
    async run(stripe, made) {
      const { id: customer } = await stripe.customers.create({});
      return stripe.subscriptions.create({
        customer,
        items: [{ price: idOf(made, 'small') }],
        automatic_tax: { enabled: true },
      });
    },
  },
];

import { idOf, making, type Step } from './step.ts';

export const CARD_ONLY = { automatic_payment_methods: { enabled: true, allow_redirects: 'never' } } as const;

/** Customers and the cards that they keep. */
export const savedCardSteps: readonly Step[] = [
  {
    name: 'create a customer',
    run: (stripe, made) =>
      making(
        made,
        'customer',
        stripe.customers.create({ email: 'contract@example.com', metadata: { a: '1' } }),
      ),
  },
  {
    name: 'create another customer',
    run: (stripe, made) => making(made, 'stranger', stripe.customers.create({})),
  },
  { name: 'retrieve a customer', run: (stripe, made) => stripe.customers.retrieve(idOf(made, 'customer')) },
  {
    name: 'retrieve an unknown customer',
    refused: 'resource_missing',
    run: (stripe) => stripe.customers.retrieve('cus_contractnone'),
  },
  {
    name: 'create a customer with an unknown parameter',
    refused: 'parameter_unknown',
    run: (stripe) => stripe.customers.create({ nonsense: 'x' } as never),
  },
  {
    name: 'use an idempotency key for something else',
    refused: '',
    async run(stripe, made) {
      const options = { idempotencyKey: `contract-${idOf(made, 'customer')}` };
      await stripe.customers.update(idOf(made, 'stranger'), { name: 'A' }, options);
      return stripe.customers.update(idOf(made, 'stranger'), { name: 'B' }, options);
    },
  },
  {
    name: 'attach a card',
    run: (stripe, made) =>
      making(
        made,
        'card',
        stripe.paymentMethods.attach('pm_card_visa', { customer: idOf(made, 'customer') }),
      ),
  },
  {
    name: 'attach a card that is declined',
    refused: 'card_declined',
    run: (stripe, made) =>
      stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: idOf(made, 'customer') }),
  },
  {
    name: 'list the cards of a customer',
    run: (stripe, made) => stripe.paymentMethods.list({ customer: idOf(made, 'customer'), type: 'card' }),
  },
  {
    name: 'make a card the default',
    run: (stripe, made) =>
      stripe.customers.update(idOf(made, 'customer'), {
        invoice_settings: { default_payment_method: idOf(made, 'card') },
      }),
  },
  {
    name: 'set a card up',
    run: (stripe, made) =>
      stripe.setupIntents.create({
        customer: idOf(made, 'customer'),
        confirm: true,
        payment_method: 'pm_card_mastercard',
        ...CARD_ONLY,
      }),
  },
  {
    name: 'set up a card that needs authentication',
    run: (stripe, made) =>
      making(
        made,
        'setup',
        stripe.setupIntents.create({
          customer: idOf(made, 'customer'),
          confirm: true,
          payment_method: 'pm_card_authenticationRequired',
          return_url: 'https://example.com/back',
        }),
      ),
  },
  {
    name: 'cancel a setup',
    run: (stripe, made) => stripe.setupIntents.cancel(idOf(made, 'setup')),
  },
  {
    name: 'cancel a setup again',
    refused: 'setup_intent_unexpected_state',
    run: (stripe, made) => stripe.setupIntents.cancel(idOf(made, 'setup')),
  },
];

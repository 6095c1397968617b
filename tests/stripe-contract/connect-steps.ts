import type Stripe from 'stripe';
import { idOf, making, type Step } from './step.ts';

const SELLER: Stripe.V2.Core.AccountCreateParams = {
  contact_email: 'seller@example.com',
  display_name: 'Contract',
  dashboard: 'express',
  identity: { country: 'us', entity_type: 'individual' },
  configuration: {
    recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
  },
  defaults: {
    currency: 'usd',
    responsibilities: { fees_collector: 'application', losses_collector: 'application' },
  },
  include: ['configuration.recipient', 'defaults', 'identity', 'requirements'],
};

/** Sellers, until Stripe knows enough of them: what they get needs an account that a person has set up. */
export const connectSteps: readonly Step[] = [
  {
    name: 'create an account for a seller',
    run: (stripe, made) => making(made, 'seller', stripe.v2.core.accounts.create(SELLER)),
  },
  {
    name: 'retrieve the account',
    run: (stripe, made) =>
      stripe.v2.core.accounts.retrieve(idOf(made, 'seller'), { include: ['configuration.recipient'] }),
  },
  {
    name: 'link to the onboarding of a seller',
    run: (stripe, made) =>
      stripe.v2.core.accountLinks.create({
        account: idOf(made, 'seller'),
        use_case: {
          type: 'account_onboarding',
          account_onboarding: {
            refresh_url: 'https://example.com/again',
            return_url: 'https://example.com/back',
          },
        },
      }),
  },
  {
    name: 'transfer to nobody',
    refused: 'resource_missing',
    run: (stripe) =>
      stripe.transfers.create({ amount: 100, currency: 'usd', destination: 'acct_1Nobody0000000000' }),
  },
  {
    name: 'transfer to a seller who is not known yet',
    refused: 'insufficient_capabilities_for_transfer',
    run: (stripe, made) =>
      stripe.transfers.create({ amount: 100, currency: 'usd', destination: idOf(made, 'seller') }),
  },
];

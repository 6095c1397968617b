import type Stripe from 'stripe';
import { z } from 'zod';
import { metadata, text } from '../api/form.ts';
import { invalidParameter, invalidRequest } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { fill } from '../description/objects.ts';
import { newId, type WireSellerAccount } from '../store/kinds.ts';

const INCLUDES = ['configuration.recipient', 'defaults', 'identity', 'requirements'] as const;
const include = z.array(z.enum(INCLUDES)).optional();
type Included = z.output<typeof include>;

/** Countries whose accounts may get transfers from a platform in the United States without `on_behalf_of`. */
const SAME_REGION = new Set(['us']);

const createSchema = {
  configuration: z.strictObject({
    recipient: z.strictObject({
      capabilities: z.strictObject({
        stripe_balance: z.strictObject({ stripe_transfers: z.strictObject({ requested: z.literal(true) }) }),
      }),
    }),
  }),
  contact_email: text(512),
  dashboard: z.enum(['express', 'full', 'none']),
  defaults: z.strictObject({
    currency: text(3).optional(),
    responsibilities: z.strictObject({
      fees_collector: z.enum(['application', 'stripe']),
      losses_collector: z.enum(['application', 'stripe']),
    }),
  }),
  display_name: text(200).optional(),
  identity: z.strictObject({
    country: z.string().regex(/^[a-z]{2}$/i),
    entity_type: z.enum(['company', 'individual', 'non_profit', 'government_entity']).optional(),
  }),
  include,
  metadata: metadata().optional(),
};

export function sellerAccount(call: Call, id = call.id): WireSellerAccount {
  return call.object('v2.core.account', id);
}

type TransfersStatus = 'active' | 'pending' | 'rejected' | 'restricted' | 'unsupported';

export function transfersStatus(account: WireSellerAccount): TransfersStatus {
  return (
    account.configuration?.recipient?.capabilities?.stripe_balance?.stripe_transfers?.status ?? 'restricted'
  );
}

/** Parts that were not asked for are not answered: Stripe leaves them empty. */
function shown(account: WireSellerAccount, included: Included): object {
  const { configuration, defaults, identity, requirements, ...rest } = account;
  const asked = (part: (typeof INCLUDES)[number]) => included?.includes(part) === true;
  return {
    ...rest,
    ...(asked('configuration.recipient') && { configuration }),
    ...(asked('defaults') && { defaults }),
    ...(asked('identity') && { identity }),
    ...(asked('requirements') && { requirements }),
  };
}

function recipientWith(status: TransfersStatus): NonNullable<WireSellerAccount['configuration']> {
  const details =
    status === 'restricted'
      ? [{ code: 'requirements_past_due' as const, resolution: 'provide_info' as const }]
      : [];
  return {
    recipient: {
      applied: true,
      capabilities: { stripe_balance: { stripe_transfers: { status, status_details: details } } },
    },
  };
}

function requirementsWhile(status: TransfersStatus): NonNullable<WireSellerAccount['requirements']> {
  return status === 'active'
    ? { entries: [] }
    : { entries: [], summary: { minimum_deadline: { status: 'currently_due' } } };
}

const create = route({
  method: 'POST',
  path: '/v2/core/accounts',
  params: createSchema,
  handle(call, given) {
    const country = given.identity.country.toLowerCase();
    const status = SAME_REGION.has(country) ? 'restricted' : 'unsupported';
    const account = fill<WireSellerAccount>('v2.core.account', {
      id: newId('acct', 16),
      applied_configurations: ['recipient'],
      configuration: recipientWith(status),
      contact_email: given.contact_email,
      created: new Date(call.nowSeconds * 1000).toISOString(),
      dashboard: given.dashboard,
      defaults: {
        currency: given.defaults.currency ?? 'usd',
        responsibilities: { ...given.defaults.responsibilities, requirements_collector: 'stripe' },
      },
      display_name: given.display_name,
      identity: { country, entity_type: given.identity.entity_type },
      metadata: given.metadata ?? {},
      requirements: requirementsWhile(status),
    });
    call.store.insert(account, { payouts: 'enabled' });
    return ok(shown(account, given.include));
  },
});

const retrieve = route({
  method: 'GET',
  path: '/v2/core/accounts/:id',
  params: { include },
  handle: (call, given) => ok(shown(sellerAccount(call), given.include)),
});

/** How version 1 of the API, and its event `account.updated`, show the same account. */
function accountOfVersion1(account: WireSellerAccount): Stripe.Account {
  const status = transfersStatus(account);
  const isActive = status === 'active';
  return fill<Stripe.Account>('account', {
    id: account.id,
    capabilities: { transfers: isActive ? 'active' : status === 'pending' ? 'pending' : 'inactive' },
    charges_enabled: false,
    country: account.identity?.country?.toUpperCase(),
    created: Math.floor(Date.parse(account.created) / 1000),
    default_currency: account.defaults?.currency,
    details_submitted: isActive,
    email: account.contact_email,
    payouts_enabled: isActive,
    type: 'express',
  });
}

const retrieveInVersion1 = route({
  method: 'GET',
  path: '/v1/accounts/:id',
  handle: (call) => ok(accountOfVersion1(sellerAccount(call))),
});

const onboarding = z.strictObject({
  collection_options: z
    .strictObject({
      fields: z.enum(['currently_due', 'eventually_due']).optional(),
      future_requirements: z.enum(['include', 'omit']).optional(),
    })
    .optional(),
  configurations: z.array(z.enum(['recipient'])).optional(),
  refresh_url: z.url(),
  return_url: z.url().optional(),
});

const LINK_SECONDS = 300;

/** Where a seller tells Stripe who they are: once, and soon. */
const createLink = route({
  method: 'POST',
  path: '/v2/core/account_links',
  params: {
    account: text(),
    use_case: z.strictObject({ account_onboarding: onboarding, type: z.enum(['account_onboarding']) }),
  },
  handle(call, { account: id, use_case }) {
    const account = call.store.find('v2.core.account', id);
    if (account === undefined) throw invalidParameter(`No such account: '${id}'`, { param: 'account' });
    if (account.closed === true) throw invalidRequest('This account is closed.', { param: 'account' });
    const expires = call.nowSeconds + LINK_SECONDS;
    const token = newId('link', 32);
    call.store.database
      .prepare(
        'INSERT INTO account_links (token, account, expires, return_url, refresh_url) VALUES (?, ?, ?, ?, ?)',
      )
      .run(
        token,
        id,
        expires,
        use_case.account_onboarding.return_url ?? '',
        use_case.account_onboarding.refresh_url,
      );
    const at = (seconds: number) => new Date(seconds * 1000).toISOString();
    return ok(
      fill<Stripe.V2.Core.AccountLink>('v2.core.account_link', {
        account: id,
        created: at(call.nowSeconds),
        expires_at: at(expires),
        url: `${call.baseUrl}/connect/${token}`,
        use_case,
      }),
    );
  },
});

/**
 * Stripe has come to know more of a seller: their capability changes, and both kinds of events tell of it.
 * @param payouts whether their bank takes money
 */
export function decideAccount(
  call: Call,
  id: string,
  decision: {
    transfers?: TransfersStatus | undefined;
    payouts?: 'enabled' | 'paused' | 'failing' | undefined;
  },
): void {
  const account = sellerAccount(call, id);
  if (decision.payouts !== undefined)
    call.store.setPrivatePart('v2.core.account', id, { payouts: decision.payouts });
  const { transfers } = decision;
  if (transfers === undefined || transfers === transfersStatus(account)) return;
  const changed = call.change(account, {
    configuration: recipientWith(transfers),
    requirements: requirementsWhile(transfers),
  });
  const related = { id, type: 'v2.core.account', url: `/v2/core/accounts/${id}` };
  const capability = { updated_capability: 'stripe_balance.stripe_transfers' };
  call.emitThin('v2.core.account[configuration.recipient].capability_status_updated', capability, related);
  call.emitThin('v2.core.account[requirements].updated', undefined, related);
  call.emit('account.updated', accountOfVersion1(changed), accountOfVersion1(account), id);
}

export const connectAccountRoutes: readonly Route[] = [create, retrieve, retrieveInVersion1, createLink];

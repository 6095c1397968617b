import { createHash } from 'node:crypto';
import type Stripe from 'stripe';
import type { Call } from '../api/route.ts';
import { newId } from '../store/identifiers.ts';
import type { ReadCard } from './read-card.ts';
import { type NamedBankAccount, TEST_ROUTING_NUMBER } from './test-bank-accounts.ts';

interface BillingDetails {
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
}

type AllowRedisplay = Stripe.PaymentMethod.AllowRedisplay;

interface Extras {
  readonly billing?: BillingDetails | undefined;
  readonly metadata?: Record<string, string> | undefined;
  readonly allowRedisplay?: AllowRedisplay | undefined;
}

/** The same for every payment method made of the same card or account. */
function fingerprintOf(...parts: string[]): string {
  return createHash('sha256')
    .update(parts.join('/'))
    .digest('base64url')
    .replaceAll(/[-_]/g, '0')
    .slice(0, 16);
}

function common(call: Call, { billing, metadata, allowRedisplay }: Extras) {
  return {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: allowRedisplay ?? 'unspecified',
    billing_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: billing?.email ?? null,
      name: billing?.name ?? null,
      phone: billing?.phone ?? null,
      tax_id: null,
    },
    created: call.nowSeconds,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: metadata ?? {},
  } as const;
}

/** Keeps a card, of which only the brand, the last digits and the date remain. */
export function keepCard(call: Call, card: ReadCard, extras: Extras = {}): Stripe.PaymentMethod {
  const method: Stripe.PaymentMethod = {
    ...common(call, extras),
    card: {
      brand: card.face.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
      country: 'US',
      display_brand: card.face.brand,
      exp_month: card.expMonth,
      exp_year: card.expYear,
      fingerprint: fingerprintOf(card.testCardName, card.face.brand, card.face.last4),
      funding: card.testCardName.endsWith('_debit') ? 'debit' : 'credit',
      generated_from: null,
      last4: card.face.last4,
      networks: { available: [card.face.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    type: 'card',
  };
  return call.store.insert(method, { testName: card.testCardName, used: false, setUp: false });
}

/** Keeps an account; Stripe would have it verified first, here it counts as verified. */
export function keepBankAccount(
  call: Call,
  account: NamedBankAccount,
  extras: Extras = {},
): Stripe.PaymentMethod {
  const method: Stripe.PaymentMethod = {
    ...common(call, extras),
    us_bank_account: {
      account_holder_type: 'individual',
      account_type: 'checking',
      bank_name: 'STRIPE TEST BANK',
      financial_connections_account: null,
      fingerprint: fingerprintOf(TEST_ROUTING_NUMBER, account.name),
      last4: account.last4,
      networks: { preferred: 'ach', supported: ['ach'] },
      routing_number: TEST_ROUTING_NUMBER,
      status_details: {},
    },
    type: 'us_bank_account',
  };
  return call.store.insert(method, { testName: account.name, used: false, setUp: false });
}

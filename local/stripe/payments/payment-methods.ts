import type Stripe from 'stripe';
import { invalidParameter, invalidRequest, noSuchReference } from '../api/refusal.ts';
import type { Call } from '../api/route.ts';
import { newId } from '../store/identifiers.ts';
import { type PaymentMethodData, type ReadCard, readCard } from './read-card.ts';
import { testCardNamed } from './test-cards.ts';

export interface SuppliedMethod {
  readonly payment_method?: string | undefined;
  readonly payment_method_data?: PaymentMethodData | undefined;
}

const RAW_CARD_REFUSED =
  'Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens that map to the test card you are using, see https://stripe.com/docs/testing.';

function keepPaymentMethod(
  call: Call,
  card: ReadCard,
  billing: PaymentMethodData['billing_details'],
): Stripe.PaymentMethod {
  const method: Stripe.PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    billing_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: billing?.email ?? null,
      name: billing?.name ?? null,
      phone: billing?.phone ?? null,
      tax_id: null,
    },
    card: {
      brand: card.face.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
      country: 'US',
      display_brand: card.face.brand,
      exp_month: card.expMonth,
      exp_year: card.expYear,
      funding: 'credit',
      generated_from: null,
      last4: card.face.last4,
      networks: { available: [card.face.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: call.nowSeconds,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
  return call.store.insert(method, { testCard: card.testCardName, used: false });
}

function storedMethod(call: Call, id: string): Stripe.PaymentMethod {
  const named = testCardNamed(id);
  if (named !== undefined) {
    const expYear = new Date(call.nowSeconds * 1000).getUTCFullYear() + 1;
    return keepPaymentMethod(
      call,
      { testCardName: named.name, face: named.face, expMonth: 12, expYear },
      undefined,
    );
  }
  const method = call.store.find('payment_method', id);
  if (method === undefined) throw noSuchReference('PaymentMethod', id, 'payment_method');
  if (call.store.privatePart('payment_method', id)?.used) {
    throw invalidRequest(
      'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
    );
  }
  return method;
}

/**
 * The payment method that a request brings along, or undefined if it brings none.
 * @param paymentIntent is shown when the card is refused.
 */
export function suppliedPaymentMethod(
  call: Call,
  supplied: SuppliedMethod,
  paymentIntent: object,
): Stripe.PaymentMethod | undefined {
  const { payment_method: id, payment_method_data: data } = supplied;
  if (id !== undefined && data !== undefined) {
    throw invalidParameter(
      'You may only specify one of these parameters: payment_method, payment_method_data.',
    );
  }
  if (id !== undefined) return storedMethod(call, id);
  if (data === undefined) return undefined;
  // A server that handles card numbers needs a PCI assessment; Stripe refuses it unless it was switched on.
  if (call.keyKind === 'secret') throw invalidRequest(RAW_CARD_REFUSED);
  const card = readCard(data, { nowSeconds: call.nowSeconds, paymentIntent });
  return keepPaymentMethod(call, card, data.billing_details);
}

/** A card that was not attached to a customer pays once. */
export function markPaymentMethodUsed(call: Call, id: string): void {
  const part = call.store.privatePart('payment_method', id);
  if (part !== undefined) call.store.setPrivatePart('payment_method', id, { ...part, used: true });
}

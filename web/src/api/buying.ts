import {
  type AutoTopUpRequest,
  type AutoTopUpResponse,
  autoTopUpResponse,
} from '../../../shared/api/auto-top-up.ts';
import {
  type CreateCheckoutSessionResponse,
  createCheckoutSessionResponse,
} from '../../../shared/api/checkout.ts';
import {
  type CreatePaymentIntentResponse,
  createPaymentIntentResponse,
  type PurchaseFor,
} from '../../../shared/api/payments.ts';
import { type SavedCard, savedCardsResponse } from '../../../shared/api/saved-cards.ts';
import type { GiftWording } from '../payments/attempts.ts';
import { request } from './request.ts';

export interface NewPayment {
  packageId: string;
  purchaseFor: PurchaseFor;
  idempotencyKey: string;
  words?: GiftWording | undefined;
  /** Whether the card may be kept; undefined leaves it as it is. */
  keepCard?: boolean | undefined;
}

/** Paying, and the cards that are kept for it. Every method throws ApiError. */
export interface Buying {
  createPaymentIntent(payment: NewPayment, signal: AbortSignal): Promise<CreatePaymentIntentResponse>;
  createCheckoutSession(payment: NewPayment, signal: AbortSignal): Promise<CreateCheckoutSessionResponse>;
  savedCards(signal: AbortSignal): Promise<SavedCard[]>;
  removeSavedCard(id: string): Promise<SavedCard[]>;
  autoTopUp(signal: AbortSignal): Promise<AutoTopUpResponse>;
  setAutoTopUp(terms: AutoTopUpRequest): Promise<AutoTopUpResponse>;
  disableAutoTopUp(): Promise<AutoTopUpResponse>;
}

/** @param own the path of everything that belongs to this person */
export function connectBuying(own: string, accessToken: () => Promise<string>): Buying {
  const begin = async ({ idempotencyKey, ...payment }: NewPayment, signal: AbortSignal) => ({
    method: 'POST' as const,
    accessToken: await accessToken(),
    headers: { 'idempotency-key': idempotencyKey },
    body: {
      package_id: payment.packageId,
      for: payment.purchaseFor,
      ...(payment.words?.message.trim() && { message: payment.words.message }),
      ...(payment.words?.recipientName.trim() && { recipient_name: payment.words.recipientName }),
      ...(payment.keepCard !== undefined && { keep_card: payment.keepCard }),
    },
    signal,
  });
  return {
    async createPaymentIntent(payment, signal) {
      return request(createPaymentIntentResponse, '/create-payment-intent', await begin(payment, signal));
    },
    async createCheckoutSession(payment, signal) {
      return request(createCheckoutSessionResponse, '/create-checkout-session', await begin(payment, signal));
    },
    async savedCards(signal) {
      const path = `${own}/payment-methods`;
      return (await request(savedCardsResponse, path, { accessToken: await accessToken(), signal }))
        .payment_methods;
    },
    async removeSavedCard(id) {
      const path = `${own}/payment-methods/${encodeURIComponent(id)}`;
      const options = { method: 'DELETE' as const, accessToken: await accessToken() };
      return (await request(savedCardsResponse, path, options)).payment_methods;
    },
    async autoTopUp(signal) {
      return request(autoTopUpResponse, `${own}/auto-top-up`, { accessToken: await accessToken(), signal });
    },
    async setAutoTopUp(terms) {
      const options = { method: 'POST' as const, accessToken: await accessToken(), body: terms };
      return request(autoTopUpResponse, `${own}/auto-top-up`, options);
    },
    async disableAutoTopUp() {
      const options = { method: 'POST' as const, accessToken: await accessToken(), body: {} };
      return request(autoTopUpResponse, `${own}/auto-top-up/disable`, options);
    },
  };
}

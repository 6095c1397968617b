import type { AnalyticsResponse, BalanceResponse } from '../../../shared/api/accounts.ts';
import type { AutoTopUpRequest, AutoTopUpResponse } from '../../../shared/api/auto-top-up.ts';
import type { TokenResponse } from '../../../shared/api/calls.ts';
import type { CreateCheckoutSessionResponse } from '../../../shared/api/checkout.ts';
import type { MemoriesResponse } from '../../../shared/api/memories.ts';
import type { DeletionRequest, DeletionResponse, DeletionTerms } from '../../../shared/api/own-data.ts';
import type { CreatePaymentIntentResponse, PurchaseFor } from '../../../shared/api/payments.ts';
import type { PurchasesResponse, StripeReceiptResponse } from '../../../shared/api/purchases.ts';
import type { CallsResponse, Receipt } from '../../../shared/api/receipts.ts';
import type { SavedCard } from '../../../shared/api/saved-cards.ts';
import type { SettingsRequest, SettingsResponse } from '../../../shared/api/settings.ts';
import type { OwnRequest, RatingResponse } from '../../../shared/api/support.ts';
import type { ActivateResponse, Gift } from '../../../shared/api/time-cards.ts';
import type { ClaimTrialResponse, TrialResponse } from '../../../shared/api/trials.ts';
import { type RequestOptions, request, requestFile, requestHtml } from './request.ts';

const CALLS_ON_A_PAGE = 10;

/** What goes with a gift; blank for nothing. */
export interface GiftWording {
  recipientName: string;
  message: string;
  /** Who gets the code by mail. */
  recipientEmail?: string;
  /** The day on which the mail goes out, as `2026-12-24`, where the buyer is. */
  deliverOn?: string;
}

export interface NewPayment {
  packageId: string;
  purchaseFor: PurchaseFor;
  idempotencyKey: string;
  words?: GiftWording | undefined;
  /** Whether the card may be kept; undefined leaves it as it is. */
  keepCard?: boolean | undefined;
}

/** The sidecar's routes for one signed-in person. Every method throws ApiError. */
export interface Sidecar {
  balance(signal: AbortSignal): Promise<BalanceResponse>;
  analytics(signal: AbortSignal): Promise<AnalyticsResponse>;
  gifts(signal: AbortSignal): Promise<Gift[]>;
  activate(code: string): Promise<ActivateResponse>;
  /** Has the code of a gift sent on that day (`2026-12-24`, where the buyer is), or now. */
  rescheduleGift(cardId: string, deliverOn: string | null): Promise<unknown>;
  /** Newest first; those before `before`, or the first page. */
  ownPurchases(signal: AbortSignal, before?: string): Promise<PurchasesResponse>;
  /** A whole HTML document. */
  purchaseReceipt(purchaseId: string, signal: AbortSignal): Promise<string>;
  stripeReceipt(purchaseId: string, signal: AbortSignal): Promise<StripeReceiptResponse>;
  trial(signal: AbortSignal): Promise<TrialResponse>;
  claimTrial(): Promise<ClaimTrialResponse>;

  callToken(): Promise<TokenResponse>;
  /** Newest first; those before `before`, or the first page. */
  calls(signal: AbortSignal, before?: string): Promise<CallsResponse>;
  /** A whole HTML document. */
  receipt(callId: string, signal: AbortSignal): Promise<string>;
  /** The same, to reckon with. */
  receiptFigures(callId: string, signal: AbortSignal): Promise<Receipt>;
  /** A place in a call of one's own that is running, such as on another device. */
  callPlace(callId: string): Promise<TokenResponse>;
  /** @param score 1 is bad, 5 is good */
  rateCall(callId: string, score: number, words?: string): Promise<RatingResponse>;
  /** The same key asks once. @param callId null where it is about no call */
  ask(callId: string | null, message: string, idempotencyKey: string): Promise<void>;
  /** What was asked, newest first. */
  ownRequests(signal: AbortSignal): Promise<OwnRequest[]>;

  createPaymentIntent(payment: NewPayment, signal: AbortSignal): Promise<CreatePaymentIntentResponse>;
  createCheckoutSession(payment: NewPayment, signal: AbortSignal): Promise<CreateCheckoutSessionResponse>;
  savedCards(signal: AbortSignal): Promise<SavedCard[]>;
  removeSavedCard(id: string): Promise<SavedCard[]>;
  autoTopUp(signal: AbortSignal): Promise<AutoTopUpResponse>;
  setAutoTopUp(terms: AutoTopUpRequest): Promise<AutoTopUpResponse>;
  disableAutoTopUp(): Promise<AutoTopUpResponse>;

  settings(signal: AbortSignal): Promise<SettingsResponse>;
  /** What is left out stays as it is. */
  changeSettings(changes: SettingsRequest): Promise<SettingsResponse>;
  memories(signal: AbortSignal): Promise<MemoriesResponse>;
  correctMemory(id: string, text: string): Promise<MemoriesResponse>;
  eraseMemory(id: string): Promise<MemoriesResponse>;
  eraseAllMemories(): Promise<MemoriesResponse>;

  /** All that is kept of the person, as a file. */
  exportData(): Promise<Blob>;
  deletionTerms(signal: AbortSignal): Promise<DeletionTerms>;
  deleteAccount(consent: DeletionRequest): Promise<DeletionResponse>;
}

/**
 * The sidecar holds each answer against its schema in its own tests. Here that would take a library that is a fifth of
 * what the page loads.
 */
type Ask = <T>(path: string, options: RequestOptions) => Promise<T>;

/** `accessToken` is asked before every request, because a session's token is renewed about once an hour. */
export function connectSidecar(userId: string, accessToken: () => Promise<string>): Sidecar {
  const own = `/user/${encodeURIComponent(userId)}`;
  const ask: Ask = async <T>(path: string, options: RequestOptions) =>
    (await request(path, { ...options, accessToken: await accessToken() })) as T;
  return {
    balance: (signal) => ask(`${own}/balance`, { signal }),
    analytics: (signal) => ask(`${own}/analytics`, { signal }),
    gifts: async (signal) => (await ask<{ gifts: Gift[] }>(`${own}/gifts`, { signal })).gifts,
    activate: (code) => ask('/activate', { method: 'POST', body: { code } }),
    ...owning(own, ask),
    async purchaseReceipt(id, signal) {
      const path = `${own}/purchases/${encodeURIComponent(id)}/receipt`;
      return requestHtml(path, { accessToken: await accessToken(), signal });
    },
    ...calling(own, ask),
    async receipt(callId, signal) {
      const path = `${own}/calls/${encodeURIComponent(callId)}/receipt`;
      return requestHtml(path, { accessToken: await accessToken(), signal });
    },
    ...buying(own, ask),
    ...remembering(own, ask),
    async exportData() {
      return requestFile(`${own}/export`, { accessToken: await accessToken() });
    },
    deletionTerms: (signal) => ask(`${own}/deletion`, { signal }),
    deleteAccount: (body) => ask(`${own}/deletion`, { method: 'POST', body }),
  };
}

function owning(own: string, ask: Ask) {
  return {
    rescheduleGift: (cardId, deliverOn) =>
      ask(`${own}/gifts/${encodeURIComponent(cardId)}/delivery`, {
        method: 'PUT',
        body: { deliver_on: deliverOn, time_zone: timeZone() },
      }),
    ownPurchases(signal, before) {
      const page = before === undefined ? '' : `?before=${encodeURIComponent(before)}`;
      return ask(`${own}/purchases${page}`, { signal });
    },
    stripeReceipt: (id, signal) =>
      ask(`${own}/purchases/${encodeURIComponent(id)}/stripe-receipt`, { signal }),
    trial: (signal) => ask(`${own}/trial`, { signal }),
    claimTrial: () => ask(`${own}/trial`, { method: 'POST' }),
  } satisfies Partial<Sidecar>;
}

const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

function calling(own: string, ask: Ask) {
  const one = (callId: string) => `${own}/calls/${encodeURIComponent(callId)}`;
  return {
    callToken: () => ask('/token', { method: 'POST', body: {} }),
    calls(signal, before) {
      const page = before === undefined ? '' : `&before=${encodeURIComponent(before)}`;
      return ask(`${own}/calls?limit=${CALLS_ON_A_PAGE}${page}`, { signal });
    },
    receiptFigures: (callId, signal) => ask(`${one(callId)}/receipt?format=json`, { signal }),
    callPlace: (callId) => ask(`${one(callId)}/token`, { method: 'POST', body: {} }),
    rateCall: (callId, score, words) =>
      ask(`${one(callId)}/rating`, { method: 'PUT', body: { score, ...(words && { words }) } }),
    async ownRequests(signal) {
      return (await ask<{ requests: OwnRequest[] }>(`${own}/support`, { signal })).requests;
    },
    async ask(callId, message, idempotencyKey) {
      const about = callId === null ? { about: 'account' } : { about: 'call', about_id: callId };
      const body = { ...about, message };
      const headers = { 'idempotency-key': idempotencyKey };
      await ask(`${own}/support`, { method: 'POST', headers, body });
    },
  } satisfies Partial<Sidecar>;
}

function newPayment({ idempotencyKey, ...payment }: NewPayment, signal: AbortSignal): RequestOptions {
  return {
    method: 'POST',
    headers: { 'idempotency-key': idempotencyKey },
    body: {
      package_id: payment.packageId,
      for: payment.purchaseFor,
      ...(payment.words?.message.trim() && { message: payment.words.message }),
      ...(payment.words?.recipientName.trim() && { recipient_name: payment.words.recipientName }),
      ...(payment.words?.recipientEmail?.trim() && { recipient_email: payment.words.recipientEmail.trim() }),
      ...(payment.words?.deliverOn && {
        deliver_on: payment.words.deliverOn,
        time_zone: timeZone(),
      }),
      ...(payment.keepCard !== undefined && { keep_card: payment.keepCard }),
    },
    signal,
  };
}

function buying(own: string, ask: Ask) {
  const cards = async (path: string, options: RequestOptions) =>
    (await ask<{ payment_methods: SavedCard[] }>(path, options)).payment_methods;
  return {
    createPaymentIntent: (payment, signal) => ask('/create-payment-intent', newPayment(payment, signal)),
    createCheckoutSession: (payment, signal) => ask('/create-checkout-session', newPayment(payment, signal)),
    savedCards: (signal) => cards(`${own}/payment-methods`, { signal }),
    removeSavedCard: (id) => cards(`${own}/payment-methods/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    autoTopUp: (signal) => ask(`${own}/auto-top-up`, { signal }),
    setAutoTopUp: (terms) => ask(`${own}/auto-top-up`, { method: 'POST', body: terms }),
    disableAutoTopUp: () => ask(`${own}/auto-top-up/disable`, { method: 'POST', body: {} }),
  } satisfies Partial<Sidecar>;
}

function remembering(own: string, ask: Ask) {
  const one = (id: string) => `${own}/memories/${encodeURIComponent(id)}`;
  return {
    settings: (signal) => ask(`${own}/settings`, { signal }),
    changeSettings: (body) => ask(`${own}/settings`, { method: 'PUT', body }),
    memories: (signal) => ask(`${own}/memories`, { signal }),
    correctMemory: (id, text) => ask(one(id), { method: 'PATCH', body: { text } }),
    eraseMemory: (id) => ask(one(id), { method: 'DELETE' }),
    eraseAllMemories: () => ask(`${own}/memories`, { method: 'DELETE' }),
  } satisfies Partial<Sidecar>;
}

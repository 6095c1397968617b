import { randomInt } from 'node:crypto';
import type Stripe from 'stripe';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
}

/** An id in Stripe's form, such as `pi_3AbC...`: a prefix and letters and digits that cannot be guessed. */
export function newId(prefix: string, length = 24): string {
  return `${prefix}_${randomText(length)}`;
}

/** The SDK turns decimals into an object of its own; on the wire they are text. */
export interface WirePrice extends Omit<Stripe.Price, 'unit_amount_decimal'> {
  unit_amount_decimal: string | null;
}

export interface WireLineItem extends Omit<Stripe.LineItem, 'price'> {
  price: WirePrice;
}

export interface WirePlan extends Omit<Stripe.Plan, 'amount_decimal'> {
  amount_decimal: string | null;
}

export interface WireSubscriptionItem extends Omit<Stripe.SubscriptionItem, 'plan' | 'price'> {
  plan: WirePlan;
  price: WirePrice;
}

/** A list inside of an object. */
interface WireList<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  url: string;
}

export interface WireSubscription extends Omit<Stripe.Subscription, 'items'> {
  items: WireList<WireSubscriptionItem>;
}

interface WirePricing {
  price_details?: { price: string; product: string };
  type: 'price_details';
  unit_amount_decimal: string | null;
}

export interface WireInvoiceLine extends Omit<Stripe.InvoiceLineItem, 'pricing' | 'quantity_decimal'> {
  pricing: WirePricing | null;
  quantity_decimal: string | null;
}

export interface WireInvoice extends Omit<Stripe.Invoice, 'lines'> {
  lines: WireList<WireInvoiceLine>;
}

export interface WireInvoiceItem extends Omit<Stripe.InvoiceItem, 'pricing' | 'quantity_decimal'> {
  pricing: WirePricing | null;
  quantity_decimal: string;
}

/** Its sums are numbers on the wire, and its time is text. */
export type WireSellerAccount = Stripe.V2.Core.Account;
export interface WireCreditNoteLine
  extends Omit<Stripe.CreditNoteLineItem, 'quantity_decimal' | 'unit_amount_decimal'> {
  unit_amount_decimal: string | null;
}

export interface WireCreditNote extends Omit<Stripe.CreditNote, 'lines'> {
  lines: WireList<WireCreditNoteLine>;
}

/** What a Checkout session hands on to its payment intent. */
export interface IntentData {
  readonly description?: string;
  readonly metadata: Record<string, string>;
  readonly receipt_email?: string | null;
  readonly setup_future_usage?: 'off_session' | 'on_session' | null;
  readonly statement_descriptor?: string;
  readonly statement_descriptor_suffix?: string;
}

export interface WireEvent {
  id: string;
  object: 'event';
  /** Of a seller's account, where it happened there. */
  account?: string;
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: string;
}

/** What is stored, by the value of its `object` field. A new resource adds its kind here and to `KINDS`. */
export interface StoredObjects {
  customer: Stripe.Customer;
  product: Stripe.Product;
  price: WirePrice;
  payment_method: Stripe.PaymentMethod;
  payment_intent: Stripe.PaymentIntent;
  setup_intent: Stripe.SetupIntent;
  charge: Stripe.Charge;
  refund: Stripe.Refund;
  balance_transaction: Stripe.BalanceTransaction;
  dispute: Stripe.Dispute;
  'checkout.session': Stripe.Checkout.Session;
  'billing_portal.session': Stripe.BillingPortal.Session;
  event: WireEvent;
  webhook_endpoint: Stripe.WebhookEndpoint;
  'billing.meter': Stripe.Billing.Meter;
  subscription: WireSubscription;
  invoice: WireInvoice;
  invoiceitem: WireInvoiceItem;
  invoice_payment: Stripe.InvoicePayment;
  credit_note: WireCreditNote;
  'test_helpers.test_clock': Stripe.TestHelpers.TestClock;
  'v2.core.account': WireSellerAccount;
  transfer: Stripe.Transfer;
  transfer_reversal: Stripe.TransferReversal;
  payout: Stripe.Payout;
}

export type Kind = keyof StoredObjects;
export type StoredObject = StoredObjects[Kind];

interface KindFacts {
  /** What its ids begin with, and how many letters and digits follow (24). */
  readonly prefix: string;
  readonly length?: number;
  /** How refusals call an object of this kind, and the id in the path, where Stripe does not say `id`. */
  readonly called?: string;
  readonly param?: string;
}

export const KINDS: { readonly [K in Kind]: KindFacts } = {
  customer: { prefix: 'cus', length: 14 },
  product: { prefix: 'prod', length: 14 },
  price: { prefix: 'price' },
  payment_method: { prefix: 'pm', called: 'PaymentMethod', param: 'payment_method' },
  payment_intent: { prefix: 'pi', param: 'intent' },
  setup_intent: { prefix: 'seti', called: 'setupintent', param: 'intent' },
  charge: { prefix: 'ch' },
  refund: { prefix: 're' },
  balance_transaction: { prefix: 'txn' },
  dispute: { prefix: 'du' },
  'checkout.session': { prefix: 'cs_test', length: 58, param: 'session' },
  'billing_portal.session': { prefix: 'bps' },
  event: { prefix: 'evt' },
  webhook_endpoint: { prefix: 'we', called: 'webhook endpoint' },
  'billing.meter': { prefix: 'mtr_test', called: 'meter' },
  subscription: { prefix: 'sub' },
  invoice: { prefix: 'in' },
  invoiceitem: { prefix: 'ii' },
  invoice_payment: { prefix: 'inpay' },
  credit_note: { prefix: 'cn', called: 'credit note' },
  'test_helpers.test_clock': { prefix: 'clock', called: 'test clock' },
  'v2.core.account': { prefix: 'acct', length: 16, called: 'account' },
  transfer: { prefix: 'tr' },
  transfer_reversal: { prefix: 'trr', called: 'transfer reversal' },
  payout: { prefix: 'po' },
};

/** Where Stripe's API has objects of this kind, such as `/v1/checkout/sessions`. */
export function pathOf(kind: Kind): string {
  return `/v1/${kind.replace('.', '/')}s`;
}

/** What belongs to an object and no answer shows. */
export interface PrivateParts {
  /** `testName` is the test card or account it was made from; `setUp`: authenticated for use without the holder. */
  payment_method: { readonly testName: string; readonly used: boolean; readonly setUp: boolean };
  /** After a secret was rolled, events are signed with the old one as well. */
  webhook_endpoint: { readonly secret: string; readonly oldSecret?: string | undefined };
  'checkout.session': {
    readonly lineItems: readonly WireLineItem[];
    readonly intentData: IntentData;
    /** What the subscription will know that the session makes. */
    readonly subscriptionMetadata?: Record<string, string>;
  };
  /** The intent by which it is paid, and the customer whose clock it goes by. */
  invoice: { readonly intent: string };
  'billing_portal.session': { readonly secret: string };
  /** Whether the bank of a seller takes money. */
  'v2.core.account': { readonly payouts: 'enabled' | 'paused' | 'failing' };
  /** Of which seller it is; none is the platform's. */
  payout: { readonly account: string };
  balance_transaction: { readonly account: string };
}

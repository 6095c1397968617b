import type Stripe from 'stripe';
import { z } from 'zod';
import { emptyableText } from '../api/form.ts';

/** Stripe's limit for all evidence together, in characters. */
export const MAXIMUM_EVIDENCE = 150_000;

const TEXT_FIELDS = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_tracking_number',
  'uncategorized_text',
] as const;

type TextField = (typeof TEXT_FIELDS)[number];

function perField<Value>(value: Value): Record<TextField, Value> {
  return Object.fromEntries(TEXT_FIELDS.map((field) => [field, value])) as Record<TextField, Value>;
}

/** Evidence in text; files are not modelled, so their fields stay unknown. */
export const evidenceParam = z.strictObject(perField(emptyableText(20_000).optional()));

export function emptyEvidence(): Stripe.Dispute.Evidence {
  return {
    ...perField(null),
    cancellation_policy: null,
    customer_communication: null,
    customer_signature: null,
    duplicate_charge_documentation: null,
    enhanced_evidence: {},
    receipt: null,
    refund_policy: null,
    service_documentation: null,
    shipping_documentation: null,
    uncategorized_file: null,
  };
}

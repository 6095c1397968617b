import type Stripe from 'stripe';
import { z } from 'zod';
import { boolean, created, emptyableText, mergeMetadata, metadata, onlyGiven, text } from '../api/form.ts';
import { listing, retrieving } from '../api/list-objects.ts';
import { invalidParameter, invalidRequest } from '../api/refusal.ts';
import { ok, type Route, route } from '../api/route.ts';
import { closeDispute, isInquiry } from './dispute-rules.ts';

/** Stripe's limit for all evidence together, in characters. */
const MAXIMUM_EVIDENCE = 150_000;

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
const evidenceParam = z.strictObject(perField(emptyableText(20_000).optional()));

function refuseUnlessOpen(dispute: Stripe.Dispute): void {
  if (dispute.status.endsWith('needs_response')) return;
  throw invalidRequest(
    dispute.status.endsWith('under_review')
      ? 'This dispute is already under review and its evidence can no longer be changed.'
      : 'This dispute is already closed.',
  );
}

function withEvidence(
  dispute: Stripe.Dispute,
  change: Partial<Record<string, string | null | undefined>>,
  submit: boolean,
): Pick<Stripe.Dispute, 'evidence' | 'evidence_details' | 'status'> {
  const evidence = { ...dispute.evidence, ...onlyGiven(change) };
  const written = Object.values(evidence).filter((value) => typeof value === 'string');
  if (written.join('').length > MAXIMUM_EVIDENCE) {
    throw invalidParameter(
      `The total character count of all your evidence must be at most ${MAXIMUM_EVIDENCE}.`,
      { param: 'evidence' },
    );
  }
  const details = { ...dispute.evidence_details, has_evidence: written.length > 0 };
  if (!submit) return { evidence, evidence_details: details, status: dispute.status };
  const count = details.submission_count + 1;
  return {
    evidence,
    evidence_details: { ...details, submission_count: count, submission_method: 'manual' },
    status: isInquiry(dispute) ? 'warning_under_review' : 'under_review',
  };
}

const update = route({
  method: 'POST',
  path: '/v1/disputes/:id',
  params: {
    evidence: evidenceParam.optional(),
    metadata: metadata().optional(),
    submit: boolean().optional(),
  },
  handle(call, given) {
    const dispute = call.object('dispute');
    // Evidence goes to the bank at once unless the request says otherwise.
    const submit = given.submit ?? given.evidence !== undefined;
    if (given.evidence !== undefined || submit) refuseUnlessOpen(dispute);
    const updated = call.change(dispute, {
      ...withEvidence(dispute, given.evidence ?? {}, submit),
      metadata: mergeMetadata(dispute.metadata, given.metadata),
    });
    call.emit('charge.dispute.updated', updated, dispute);
    if (submit) call.later('decide_dispute', dispute.id);
    return ok(updated);
  },
});

const close = route({
  method: 'POST',
  path: '/v1/disputes/:id/close',
  handle(call) {
    const dispute = call.object('dispute');
    refuseUnlessOpen(dispute);
    return ok(closeDispute(call, dispute, 'lost'));
  },
});

export const disputeRoutes: readonly Route[] = [
  retrieving('dispute'),
  update,
  close,
  listing('dispute', { created: created(), charge: text(), payment_intent: text() }),
];

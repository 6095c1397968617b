import type Stripe from 'stripe';
import { boolean, text } from '../api/form.ts';
import { fieldIs, listObjects, listParams } from '../api/list-objects.ts';
import { mergeMetadata, metadata } from '../api/metadata.ts';
import { onlyGiven } from '../api/only-given.ts';
import { invalidParameter, invalidRequest, noSuchObject } from '../api/refusal.ts';
import { type Call, ok, type Route, route } from '../api/route.ts';
import { closeDispute } from './decide-dispute.ts';
import { evidenceParam, MAXIMUM_EVIDENCE } from './evidence.ts';
import { isInquiry } from './find-dispute.ts';

function disputeAt(call: Call): Stripe.Dispute {
  const dispute = call.store.find('dispute', call.id);
  if (dispute === undefined) throw noSuchObject('dispute', call.id);
  return dispute;
}

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
): Stripe.Dispute {
  const evidence = { ...dispute.evidence, ...onlyGiven(change) };
  const written = Object.values(evidence).filter((value) => typeof value === 'string');
  if (written.join('').length > MAXIMUM_EVIDENCE) {
    throw invalidParameter(
      `The total character count of all your evidence must be at most ${MAXIMUM_EVIDENCE}.`,
      { param: 'evidence' },
    );
  }
  return {
    ...dispute,
    evidence,
    evidence_details: {
      ...dispute.evidence_details,
      has_evidence: written.length > 0,
      ...(submit
        ? { submission_count: dispute.evidence_details.submission_count + 1, submission_method: 'manual' }
        : {}),
    },
    ...(submit ? { status: isInquiry(dispute) ? 'warning_under_review' : 'under_review' } : {}),
  };
}

const retrieve = route({
  method: 'GET',
  path: '/v1/disputes/:id',
  handle: (call) => ok(disputeAt(call)),
});

const update = route({
  method: 'POST',
  path: '/v1/disputes/:id',
  params: {
    evidence: evidenceParam.optional(),
    metadata: metadata().optional(),
    submit: boolean().optional(),
  },
  notModelled: ['intended_submission_method'],
  handle(call, given) {
    const dispute = disputeAt(call);
    // Evidence goes to the bank at once unless the request says otherwise.
    const submit = given.submit ?? given.evidence !== undefined;
    if (given.evidence !== undefined || submit) refuseUnlessOpen(dispute);
    const updated = call.store.update<Stripe.Dispute>({
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
    const dispute = disputeAt(call);
    refuseUnlessOpen(dispute);
    return ok(closeDispute(call, dispute, 'lost'));
  },
});

const list = route({
  method: 'GET',
  path: '/v1/disputes',
  params: { ...listParams, charge: text().optional(), payment_intent: text().optional() },
  handle: (call, given) =>
    ok(
      listObjects(call, 'dispute', given, [
        ...fieldIs('charge', given.charge),
        ...fieldIs('payment_intent', given.payment_intent),
      ]),
    ),
});

export const disputeRoutes: readonly Route[] = [retrieve, update, close, list];

import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeCause } from '../base/failures.ts';
import { applyPayment } from './apply-payment.ts';
import { continueRefunds } from './continue-refunds.ts';
import { fetchPaymentOfIntent } from './fetch-payment-of-intent.ts';
import { findDifferences } from './find-differences.ts';
import { findMissingFees } from './find-missing-fees.ts';
import { listAtStripe, type StripeList } from './list-at-stripe.ts';
import { readPaidPurchases, readUnknownPurchases } from './read-purchases.ts';
import { resolveUnknownPurchase } from './resolve-unknown-purchase.ts';

/** So long a purchase may wait for its intent before anybody asks. */
const UNKNOWN_AFTER_MS = 60_000;
const MAX_PURCHASES = 200;

export type Comparison = {
  intents: number;
  charges: number;
  refunds: number;
  disputes: number;
  /** Intents that stood elsewhere in the books and were brought in line. */
  healed: string[];
  /** Purchases whose outcome was unknown, with what was found out. */
  resolved: { purchase: string; outcome: string }[];
  /** What a person has to look at. */
  findings: { kind: string; subject: string; detail: string }[];
  failures: number;
};

type Work = { deps: Dependencies; comparison: Comparison };

async function note(
  { deps, comparison }: Work,
  kind: string,
  subject: string,
  detail: string,
): Promise<void> {
  const finding = { kind, subject, detail };
  comparison.findings.push(finding);
  const args = { p_kind: kind, p_subject: subject, p_detail: detail };
  if (!(await callFunction(deps.database, 'note_finding', args, z.boolean()))) return;
  deps.metrics.reconciliation.inc({ kind });
  deps.logger.error(finding, 'Stripe and the books differ, and a person has to look');
}

/** One that cannot be compared must not keep the others from it. */
async function guarded(
  { deps, comparison }: Work,
  subject: string,
  step: () => Promise<void>,
): Promise<void> {
  try {
    await step();
  } catch (error) {
    comparison.failures++;
    const cause = describeCause(error instanceof Fault ? (error.cause ?? error) : error);
    deps.logger.error({ subject, cause }, 'a payment could not be compared; it is tried again');
  }
}

async function heal(work: Work, intentId: string): Promise<void> {
  const { deps, comparison } = work;
  const fetched = await fetchPaymentOfIntent(deps.stripe, intentId, true);
  if (fetched === null) return;
  const outcome = await applyPayment(deps, fetched, null);
  if (outcome === 'applied') {
    comparison.healed.push(intentId);
    deps.metrics.reconciliation.inc({ kind: 'healed' });
    deps.logger.warn({ intent_id: intentId }, 'no event had told of this payment; the books are in line now');
  } else if (outcome === 'second_payment') {
    // Noted with the payment, in the same transaction.
    const detail = `paid for purchase ${fetched.purchaseId}, which another intent pays; it goes back`;
    comparison.findings.push({ kind: outcome, subject: intentId, detail });
    deps.metrics.reconciliation.inc({ kind: outcome });
    deps.logger.warn({ intent_id: intentId, detail }, 'no event had told of a second payment');
  } else if (outcome === 'not_ours' && fetched.isOurs) {
    await note(
      work,
      'purchase_missing',
      intentId,
      `names purchase ${fetched.purchaseId}, which is not in the books`,
    );
  } else if (outcome === 'review') {
    await note(
      work,
      'does_not_fit',
      intentId,
      `paid for purchase ${fetched.purchaseId}, and does not fit it`,
    );
  }
}

/** Time that was given for a payment which Stripe does not have, as after a change of the Stripe account. */
async function checkPaidPurchases(work: Work, list: StripeList, since: Date): Promise<void> {
  const { database, stripe, now } = work.deps;
  const paid = await readPaidPurchases(database, { from: since, to: now(), limit: 1000 });
  for (const { id, intentId } of paid) {
    if (intentId === null || list.charged.has(intentId)) continue;
    await guarded(work, id, async () => {
      const fetched = await fetchPaymentOfIntent(stripe, intentId, false);
      if (fetched?.payment.status === 'succeeded') return;
      await note(
        work,
        'payment_missing',
        intentId,
        `purchase ${id} has its time, and Stripe has no such payment`,
      );
    });
  }
}

async function resolveUnknown(work: Work): Promise<void> {
  const { database, now } = work.deps;
  const to = new Date(now().getTime() - UNKNOWN_AFTER_MS);
  const open = await readUnknownPurchases(database, { to, limit: MAX_PURCHASES });
  for (const purchase of open) {
    await guarded(work, purchase.id, async () => {
      const outcome = await resolveUnknownPurchase(work.deps, purchase);
      work.comparison.resolved.push({ purchase: purchase.id, outcome });
    });
  }
}

/**
 * Compares Stripe's intents, charges, refunds and disputes with the purchases and cards, without any event: heals what
 * is missing, finds out about purchases whose outcome is unknown, takes refunds up again that were cut off, and notes
 * what it may not decide.
 * @param since compares what was made at Stripe from then on
 * @throws Fault `payment_provider_unavailable`, `database_unavailable`
 */
export async function comparePayments(deps: Dependencies, since: Date): Promise<Comparison> {
  const list = await listAtStripe(deps, since);
  const comparison: Comparison = {
    intents: list.intents.size,
    charges: list.charged.size,
    refunds: list.refunds.length,
    disputes: list.disputes.length,
    healed: [],
    resolved: [],
    findings: [],
    failures: 0,
  };
  const work = { deps, comparison };
  for (const intentId of await findDifferences(deps.database, list)) {
    await guarded(work, intentId, () => heal(work, intentId));
  }
  await checkPaidPurchases(work, list, since);
  await resolveUnknown(work);
  comparison.failures += await continueRefunds(deps);
  await findMissingFees(deps);
  return comparison;
}

/** As a job: what failed is compared again by the next run, which then looks back as far as this one. */
export async function compareAsJob(deps: Dependencies, since: Date): Promise<void> {
  const { failures } = await comparePayments(deps, since);
  if (failures > 0) throw new Fault('internal', `${failures} payments could not be compared.`);
}

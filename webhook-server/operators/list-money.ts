import type { z } from 'zod';
import {
  findingsResponse,
  reviewsResponse,
  stripeEventsResponse,
} from '../../shared/api/money-operations.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import type { Dependencies } from '../base/dependencies.ts';

type Answer = { data: unknown; error: unknown };

function rowsOf<Row>(table: string, schema: z.ZodType<Row[]>, { data, error }: Answer): Row[] {
  if (error) throw databaseFault(table, error);
  return schema.parse(data);
}

/** Newest first. @throws Fault `database_unavailable` */
export async function listStripeEvents({ database }: Dependencies, status: string, limit: number) {
  const answer = await database
    .from('stripe_events')
    .select('id, type, status, outcome, attempts, last_error, received_at')
    .eq('status', status)
    .order('received_at', { ascending: false })
    .limit(limit);
  return rowsOf('stripe_events', stripeEventsResponse.shape.events, answer);
}

/** Purchases that wait for a person, oldest first. @throws Fault `database_unavailable` */
export async function listReviews({ database }: Dependencies, limit: number) {
  const answer = await database
    .from('purchases')
    .select(
      'id, user_id, package_id, payment_intent_id, amount_cents, received_cents, received_currency, currency, review_reason, created_at',
    )
    .eq('status', 'review')
    .order('created_at')
    .limit(limit);
  return rowsOf('purchases', reviewsResponse.shape.purchases, answer);
}

/** Where Stripe and the books differ, last seen first. @throws Fault `database_unavailable` */
export async function listFindings({ database }: Dependencies, limit: number) {
  const answer = await database
    .from('reconciliation_findings')
    .select('kind, subject, detail, first_seen_at, last_seen_at')
    .order('last_seen_at', { ascending: false })
    .limit(limit);
  return rowsOf('reconciliation_findings', findingsResponse.shape.findings, answer);
}

import Stripe from 'stripe';
import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { askStripe } from '../payments/stripe-client.ts';

const TOLERANCE_SECONDS = 300;
const refusedSchema = z.object({ status: z.literal('refused'), refused: z.int() });

/** Of a report only a few events are named. Whoever looks has to know that there are more. */
const reportSchema = z.object({
  reason: z.object({
    error_count: z.int(),
    error_types: z.array(
      z.object({
        code: z.string(),
        error_count: z.int(),
        sample_errors: z.array(z.object({ request: z.object({ identifier: z.string() }) })),
      }),
    ),
  }),
});

type Notification = ReturnType<Stripe['parseEventNotification']>;

/**
 * Checks that a thin event comes from Stripe and is fresh.
 * @param secrets any of them may have signed it
 * @throws Fault `bad_signature`, `invalid_request`
 */
function readNotification(
  { stripe, now }: Dependencies,
  secrets: readonly string[],
  { body, signature }: { body: unknown; signature: string | undefined },
): Notification {
  if (signature === undefined || !Buffer.isBuffer(body)) throw new Fault('bad_signature');
  let refusal: unknown;
  for (const secret of secrets) {
    try {
      return stripe.parseEventNotification(
        body,
        signature,
        secret,
        TOLERANCE_SECONDS,
        undefined,
        now().getTime(),
      );
    } catch (cause) {
      refusal = cause;
      if (cause instanceof Stripe.errors.StripeSignatureVerificationError) continue;
      throw new Fault('invalid_request', 'The body is no thin event of Stripe.', { cause });
    }
  }
  throw new Fault('bad_signature', undefined, { cause: refusal });
}

/** What could not be counted, as Stripe has it: nothing in the delivery is believed but its id. */
async function applyReport(deps: Dependencies, notification: Notification): Promise<string> {
  const event = await askStripe(() => deps.stripe.v2.core.events.retrieve(notification.id));
  const report = reportSchema.safeParse(event === null ? null : Reflect.get(event, 'data'));
  if (!report.success) return 'not_ours';
  let refused = 0;
  for (const { code, error_count, sample_errors } of report.data.reason.error_types) {
    const identifiers = sample_errors.map(({ request }) => request.identifier);
    const args = { p_identifiers: identifiers, p_reason: code };
    const answer = await callFunction(deps.database, 'refuse_meter_events', args, refusedSchema);
    refused += answer.refused;
    deps.metrics.meterEvents.inc({ sink: 'stripe', outcome: 'reported_uncounted' }, error_count);
    const line = {
      event_id: notification.id,
      code,
      error_count,
      named: identifiers.length,
      refused: answer.refused,
    };
    deps.logger.error(line, 'Stripe could not count usage: mend the cause, then compare (npm run parity)');
  }
  return refused > 0 ? 'applied' : 'not_ours';
}

/** Takes thin events in. Answers what became of one; other types than those about meters are ignored. */
export async function receiveMeterErrors(
  deps: Dependencies,
  secrets: readonly string[],
  delivery: { body: unknown; signature: string | undefined },
): Promise<string> {
  if (secrets.length === 0) throw new Fault('bad_signature', 'STRIPE_THIN_WEBHOOK_SECRET is not set.');
  const notification = readNotification(deps, secrets, delivery);
  const isReport = ['v1.billing.meter.error_report_triggered', 'v1.billing.meter.no_meter_found'].includes(
    notification.type,
  );
  return isReport ? applyReport(deps, notification) : 'ignored';
}

import { within } from '../../shared/within.ts';
import type { CallEnd, CallOptions } from './call-options.ts';
import type { EndReason } from './end-reason.ts';
import type { Meter } from './meter.ts';
import { settlePatiently } from './settle-patiently.ts';

/** How long a caller is kept on the line for the bill. It is written all the same. */
const BILL_MS = 3_000;

/** How long the line and the conversation may take to close. Neither may keep the job, nor each other. */
const CLOSE_MS = 5_000;

/**
 * Takes a call down whose meter is closed: writes the bill, tells the client, hangs up, ends the conversation.
 * Never throws: whatever fails, the rest follows.
 * @param meter undefined for a call that was never opened, which has no bill
 */
export async function takeDown(
  options: CallOptions,
  meter: Meter | undefined,
  reason: EndReason,
): Promise<CallEnd> {
  const { billing, line, conversation, logger, clock, callId } = options;
  const attempt = (step: Promise<void>) => {
    const safe = step.catch((error: unknown) => logger.warn({ err: error }, 'call not taken down cleanly'));
    return within(safe, CLOSE_MS, clock);
  };
  const usedMs = meter?.usedMs() ?? 0;
  const restoredMs = meter?.restoredMs() ?? 0;
  const windows = meter?.windows() ?? [];
  const settling = meter
    ? settlePatiently(() => billing.settle(usedMs, reason, windows, restoredMs), clock, logger)
    : Promise.resolve(undefined);
  const billed = await within(settling, BILL_MS, clock);
  // A worker that another one has replaced leaves quietly: room and caller are the other's now.
  if (reason !== 'fenced' || billed !== undefined) {
    line.send({ type: 'ended', call_id: callId, reason, charged_seconds: billed ?? null });
    await attempt(line.hangUp());
  }
  await attempt(conversation.close());
  const end = { reason, usedMs, chargedSeconds: await settling };
  logger.info(end, 'call ended');
  return end;
}

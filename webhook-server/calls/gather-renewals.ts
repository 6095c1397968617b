import type { RenewalAnswer, RenewalRequest } from '../../shared/api/renewals.ts';
import { Fault } from '../../shared/errors.ts';
import { gather } from '../../shared/gather.ts';

export type SendBatch = (renewals: readonly RenewalRequest[]) => Promise<RenewalAnswer[]>;

/** A statement of 500 takes some 20 ms; of larger ones the locks are held for longer and nothing is gained. */
const MAX_SIZE = 500;
/** The next batch need not wait for the last one; more at once would only wait for each other's locks. */
const MAX_IN_FLIGHT = 4;
/** Workers give up after 1.5 seconds: to do the work of who has gone would make those behind wait, too. */
const MAX_WAIT_MS = 1_000;

const noAnswer = () => new Fault('database_unavailable');

/** Repeats of one report are one: the largest counters say it all. */
function merged(known: RenewalRequest, next: RenewalRequest): RenewalRequest {
  return {
    ...known,
    used_ms: Math.max(known.used_ms, next.used_ms),
    restored_ms: Math.max(known.restored_ms, next.restored_ms),
  };
}

/**
 * Gathers the renewals of many calls for a few milliseconds and sends them as one.
 * @param gatherMs how long the first of a batch waits for others; a full batch goes at once
 * @returns what to ask for one call; rejects with what its batch failed with
 */
export function gatherRenewals(
  send: SendBatch,
  gatherMs: number,
): (renewal: RenewalRequest) => Promise<RenewalAnswer> {
  async function sendInOrder(renewals: RenewalRequest[]): Promise<(RenewalAnswer | Error)[]> {
    const byCall = new Map((await send(renewals)).map((answer) => [answer.call_id, answer]));
    return renewals.map(({ call_id }) => byCall.get(call_id) ?? noAnswer());
  }
  return gather(sendInOrder, {
    forMs: gatherMs,
    most: MAX_SIZE,
    atOnce: MAX_IN_FLIGHT,
    patience: { ms: MAX_WAIT_MS, error: noAnswer },
    repeats: { keyOf: ({ call_id, epoch }) => `${call_id}:${epoch}`, merge: merged },
    // Of two workers of one call only one goes in a batch, as it has one row for each call.
    oneOf: ({ call_id }) => call_id,
  });
}

import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { describeFailure, PermanentError } from '../base/failures.ts';
import type { OutboxHandler, OutboxItem } from './outbox-item.ts';
import { MAX_ATTEMPTS, retryDelaySeconds } from './retry-delay.ts';

const parkedSchema = z.object({ id: z.uuid(), key: z.string(), attempt: z.int() });
const claimSchema = z.discriminatedUnion('status', [
  parkedSchema.extend({
    status: z.literal('claimed'),
    payload: z.unknown(),
    age_seconds: z.int(),
  }),
  parkedSchema.extend({ status: z.literal('parked') }),
  z.object({ status: z.literal('nothing_due') }),
]);
const statusSchema = z.object({ status: z.string() });

/** Longer than any handler takes: whoever overruns it finds that another one does the same at the same time. */
const LEASE_SECONDS = 60;
/** A round ends after this long, so that the process can be stopped and the job is not taken for stuck. */
const ROUND_MS = 10_000;
/** How many items of a kind one replica does at once: one that hangs holds up a lane, not the others. */
const LANES = 4;

type Outbox = {
  kind: string;
  handle: OutboxHandler;
  /** From 0 up to 1. */
  random?: () => number;
};

function alarm(
  { metrics, logger }: Dependencies,
  kind: string,
  item: z.infer<typeof parkedSchema>,
  why: string,
) {
  metrics.outboxOutcomes.inc({ kind, outcome: 'parked' });
  const line = { kind, item_id: item.id, item_key: item.key, attempts: item.attempt, reason: why };
  logger.error(line, 'an outbox item is parked: an operator has to look, and can retry it');
}

async function giveBack(deps: Dependencies, outbox: Outbox, item: OutboxItem, error: unknown): Promise<void> {
  const { kind, random = Math.random } = outbox;
  const reason = describeFailure(error);
  const delay = error instanceof PermanentError ? null : retryDelaySeconds(item.attempt, random());
  const failure = { p_id: item.id, p_attempt: item.attempt, p_error: reason };
  const { status } = await callFunction(
    deps.database,
    'fail_outbox_item',
    delay === null ? failure : { ...failure, p_retry_in_seconds: delay },
    statusSchema,
  );
  if (status === 'parked') return alarm(deps, kind, item, reason);
  deps.metrics.outboxOutcomes.inc({ kind, outcome: 'failed' });
  const line = { kind, item_id: item.id, attempt: item.attempt, retry_in_seconds: delay, reason };
  deps.logger.warn(line, 'an outbox item failed; it is tried again');
}

type Claim = z.infer<typeof claimSchema>;

function claimNext({ database }: Dependencies, kind: string): Promise<Claim> {
  const args = { p_kind: kind, p_lease_seconds: LEASE_SECONDS, p_max_attempts: MAX_ATTEMPTS };
  return callFunction(database, 'claim_outbox_item', args, claimSchema);
}

async function settle(
  deps: Dependencies,
  outbox: Outbox,
  claim: Exclude<Claim, { status: 'nothing_due' }>,
): Promise<void> {
  const { kind, handle } = outbox;
  if (claim.status === 'parked') return alarm(deps, kind, claim, 'its last attempt never came to an end');
  const { age_seconds: ageSeconds, ...rest } = claim;
  const item = { ...rest, ageSeconds };
  let outcome: string;
  try {
    outcome = await handle(deps, item);
  } catch (error) {
    return giveBack(deps, outbox, item, error);
  }
  await callFunction(deps.database, 'finish_outbox_item', { p_id: item.id }, statusSchema);
  deps.metrics.outboxOutcomes.inc({ kind, outcome });
}

/**
 * One round: does what is due of a kind, oldest first, until nothing is or the round has lasted long enough. Any
 * number of replicas may do so at once. An item that fails goes back with a delay, or is parked.
 * @throws Fault `database_unavailable`: whatever was being done then is done again when its lease runs out
 */
export async function workOutbox(deps: Dependencies, outbox: Outbox): Promise<void> {
  const endMs = performance.now() + ROUND_MS;
  let unopened = LANES;
  const open = async (): Promise<void> => {
    unopened -= 1;
    const opened: Promise<void>[] = [];
    while (performance.now() < endMs) {
      const claim = await claimNext(deps, outbox.kind);
      if (claim.status === 'nothing_due') break;
      // Where there is one there may be more, and else one question a round is enough.
      if (unopened > 0) opened.push(open());
      await settle(deps, outbox, claim).catch(async (error: unknown) => {
        await Promise.allSettled(opened);
        throw error;
      });
    }
    await Promise.all(opened);
  };
  await open();
}

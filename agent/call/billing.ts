import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  grantFields,
  type RenewalAnswer,
  type RenewalRequest,
  renewalAnswer,
} from '../../shared/api/renewals.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import type { Json } from '../../shared/database/types.ts';
import { Fault } from '../../shared/errors.ts';
import type { Window } from './windows.ts';

const openAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('open'),
    used_ms: z.int(),
    restored_ms: z.int(),
    expiring_seconds: z.int().optional(),
    ...grantFields,
  }),
  z.object({
    status: z.enum([
      'no_time_left',
      'too_many_calls',
      'too_many_short_calls',
      'room_taken',
      'call_settled',
      'call_mismatch',
      'unknown_user',
      'unknown_tenant',
      'spend_limit_reached',
    ]),
  }),
]);

const renewAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('renewed'), ...grantFields }),
  z.object({ status: z.enum(['fenced', 'call_settled', 'unknown_call']) }),
]);

const settleAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('settled'),
    receipt: z.looseObject({ charged_seconds: z.int(), used_ms: z.int() }),
  }),
  z.object({ status: z.enum(['fenced', 'unknown_call']) }),
]);

/** What a live call may use: seconds granted since it began, and seconds it could still be given. */
export type Grant = { grantedSeconds: number; freeSeconds: number; liveCalls: number; final: boolean };

/**
 * The first grant, and what other workers have used of this call before: zero for a new call, which also says how
 * much of the person's time expires within a week.
 */
export type Opening = Grant & {
  usedMs: number;
  restoredMs: number;
  expiringSeconds: number;
  /** How long the person's calls that ended within a day were at the desk. */
  deskMs: number;
  /** Whether who pays has reached a threshold of spending of their plan. */
  hasSpendWarning?: boolean;
};

/** The money side of one call, as RFC 8506 has it: initial, update and termination request. */
export type Billing = {
  /** @throws Fault why no call may begin */
  open(): Promise<Opening>;
  /**
   * Reports the cumulative use; answers undefined when this worker does not own the call any more.
   * @param restoredMs part of `usedMs` that is free after all, cumulative too
   * @throws Fault `database_unavailable`
   */
  renew(usedMs: number, restoredMs?: number): Promise<Grant | undefined>;
  /**
   * Takes so much of what the person's desks have of a day, over all their calls.
   * @param hadMs how long this call was at desks before
   * @returns how much of it is free
   * @throws Fault `database_unavailable`
   */
  reserveDesk(hadMs: number, seconds: number, secondsPerDay: number): Promise<number>;
  /**
   * Charges the call once; answers the seconds charged, or undefined when another settled it.
   * @param restoredMs part of `usedMs` that is not charged
   * @throws Fault `database_unavailable`
   */
  settle(
    usedMs: number,
    reason: string,
    windows: readonly Window[],
    restoredMs?: number,
  ): Promise<number | undefined>;
};

/** `tenantId`: who pays, where it is not the person. */
export type CallTicket = {
  callId: string;
  userId: string;
  tenantId?: string | undefined;
  roomName: string;
};
export type MeterSettings = { sliceSeconds: number; leaseMarginSeconds: number; maxCallsPerPerson: number };

const toGrant = (answer: z.infer<z.ZodObject<typeof grantFields>>): Grant => ({
  grantedSeconds: answer.granted_seconds,
  freeSeconds: answer.free_seconds,
  liveCalls: answer.live_calls,
  final: answer.final,
});

/** Below what a renewal may take when it comes at half a slice, with time left to ask the database directly. */
const BATCHED_TIMEOUT_MS = 1_500;

/** Reports the use of one call; answers what the database says about it. Rejects when no answer came. */
export type Renewal = (renewal: RenewalRequest) => Promise<RenewalAnswer>;

/**
 * Renewals through the sidecar, which sends those of many calls as one statement. That the worker does not own
 * the call any more is an answer; anything but a whole answer about this very call rejects, and the caller asks
 * the database directly: counters are absolute, so that a report which arrives on both ways counts once.
 * @param url of the sidecar's `/internal/renewals`
 * @param key the service role key, which workers and the sidecar share
 */
export function batchedRenewal(url: string, key: string, request: typeof fetch = fetch): Renewal {
  return async (renewal) => {
    const response = await request(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(renewal),
      // The key must not follow to wherever a redirect points.
      redirect: 'error',
      signal: AbortSignal.timeout(BATCHED_TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`renewals answered with status ${response.status}`);
    }
    const answer = renewalAnswer.parse(await response.json());
    if (answer.call_id !== renewal.call_id) throw new Error('renewals answered about another call');
    return answer;
  };
}

/**
 * Billing on the database: each step is one SQL function, one transaction.
 * @param batched where renewals are asked for first; without it, and when it gives no answer, the database is
 * @param measuresOf what the call was like, given why it ended: stored with the bill, which is written without, too
 */
export function databaseBilling(
  database: DatabaseClient,
  ticket: CallTicket,
  settings: MeterSettings,
  batched?: Renewal,
  measuresOf: (endReason: string) => Json | undefined = () => undefined,
): Billing {
  // A repeated opening of this very worker must not fence itself.
  const workerId = randomUUID();
  const callId = ticket.callId;
  let epoch = 0;

  async function renewDirectly(usedMs: number, restoredMs: number) {
    const args = { p_call_id: callId, p_epoch: epoch, p_used_ms: usedMs, p_restored_ms: restoredMs };
    return callFunction(database, 'renew_call', args, renewAnswer);
  }
  async function renewBatched(usedMs: number, restoredMs: number): Promise<RenewalAnswer | undefined> {
    const renewal = { call_id: callId, epoch, used_ms: usedMs, restored_ms: restoredMs };
    // Whatever is wrong there, the database says what counts; and only if it does not answer either, it is a failure.
    return batched?.(renewal).catch(() => undefined);
  }

  return {
    async open() {
      const args = {
        p_call_id: callId,
        p_user_id: ticket.userId,
        p_room_name: ticket.roomName,
        p_slice_seconds: settings.sliceSeconds,
        p_lease_margin_seconds: settings.leaseMarginSeconds,
        p_max_live_calls: settings.maxCallsPerPerson,
        p_worker_id: workerId,
        ...(ticket.tenantId !== undefined && { p_tenant_id: ticket.tenantId }),
      };
      const warns = async (tenantId: string) => {
        const period = z.enum(['day', 'month']).nullable();
        return (await callFunction(database, 'spend_warning', { p_tenant_id: tenantId }, period)) !== null;
      };
      const [answer, deskMs, hasSpendWarning] = await Promise.all([
        callFunction(database, 'open_call', args, openAnswer),
        // Of a call that opens all the same, nobody knows it then, and its desk is a new one.
        callFunction(database, 'desk_ms_today', { p_user_id: ticket.userId }, z.int()).catch(() => 0),
        // A call begins without it, too.
        ticket.tenantId === undefined ? false : warns(ticket.tenantId).catch(() => false),
      ]);
      // Removed from the tenant since the token was made.
      if (answer.status === 'unknown_tenant') throw new Fault('role_missing');
      if (answer.status !== 'open') throw new Fault(answer.status);
      epoch = answer.epoch;
      return {
        ...toGrant(answer),
        usedMs: answer.used_ms,
        restoredMs: answer.restored_ms,
        expiringSeconds: answer.expiring_seconds ?? 0,
        deskMs,
        hasSpendWarning,
      };
    },
    async renew(usedMs, restoredMs = 0) {
      const answer = (await renewBatched(usedMs, restoredMs)) ?? (await renewDirectly(usedMs, restoredMs));
      return answer.status === 'renewed' ? toGrant(answer) : undefined;
    },
    reserveDesk(hadMs, seconds, secondsPerDay) {
      const args = {
        p_call_id: callId,
        p_had_ms: Math.round(hadMs),
        p_seconds: seconds,
        p_seconds_per_day: secondsPerDay,
      };
      return callFunction(database, 'reserve_desk', args, z.int());
    },
    async settle(usedMs, reason, windows, restoredMs = 0) {
      const measures = measuresOf(reason);
      const args = {
        p_call_id: callId,
        p_epoch: epoch,
        p_used_ms: usedMs,
        p_end_reason: reason,
        p_windows: [...windows],
        p_restored_ms: restoredMs,
        ...(measures !== undefined && { p_measures: measures }),
      };
      const answer = await callFunction(database, 'settle_call', args, settleAnswer);
      return answer.status === 'settled' ? answer.receipt.charged_seconds : undefined;
    },
  };
}

/** The money side of a call as it is configured. `measuresOf` is asked for what goes with the bill. */
export function createBilling(
  config: CallConfig,
  ticket: CallTicket,
  database: DatabaseClient,
  measuresOf: Parameters<typeof databaseBilling>[4],
): Billing {
  const { RENEWAL_URL: url, SUPABASE_SERVICE_ROLE_KEY: key } = config;
  const settings = {
    sliceSeconds: config.SLICE_SECONDS,
    leaseMarginSeconds: config.LEASE_MARGIN_SECONDS,
    maxCallsPerPerson: config.MAX_CALLS_PER_PERSON,
  };
  const batched = url === undefined ? undefined : batchedRenewal(url, key);
  return databaseBilling(database, ticket, settings, batched, measuresOf);
}

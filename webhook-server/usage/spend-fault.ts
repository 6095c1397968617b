import { z } from 'zod';
import { usageLimitsResponse } from '../../shared/api/usage.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import type { DatabaseClient } from '../../shared/database/client.ts';
import { Fault, type SpendFacts } from '../../shared/errors.ts';

const limitsSchema = z.union([
  usageLimitsResponse.extend({ status: z.literal('ok') }),
  z.object({ status: z.literal('not_a_member') }),
]);

/** When the next day or month of UTC begins. */
function nextPeriod(period: 'day' | 'month', now: Date): string {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  return new Date(
    period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1),
  ).toISOString();
}

/**
 * The refusal of something new of a tenant that has spent what its plan allows, with what was spent and until when.
 * @throws Fault `database_unavailable`
 */
export async function spendFault(
  database: DatabaseClient,
  { userId, tenantId, now }: { userId: string; tenantId: string; now: Date },
): Promise<Fault> {
  const args = { p_user_id: userId, p_tenant_id: tenantId };
  const limits = await callFunction(database, 'usage_limits', args, limitsSchema);
  if (!('day' in limits)) return new Fault('spend_limit_reached');
  const isReached = ({ spent_micros: spent, hard_micros: most }: typeof limits.day) =>
    most !== null && spent >= most;
  // Whoever has reached both waits for the later one.
  const period: 'day' | 'month' = isReached(limits.month) ? 'month' : 'day';
  const { spent_micros, hard_micros } = limits[period];
  const spend: SpendFacts = {
    period,
    spent_micros,
    hard_micros,
    currency: limits.currency,
    resets_at: nextPeriod(period, now),
  };
  return new Fault(
    'spend_limit_reached',
    `This organisation has spent what its plan allows for a ${period} (UTC). It may go on at ${spend.resets_at}, or with another plan: ask whoever owns it.`,
    { spend },
  );
}

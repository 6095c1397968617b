import { createHash } from 'node:crypto';
import { z } from 'zod';
import { callRoomName } from '../../shared/api/calls.ts';
import { type PaidCall, paidCall } from '../../shared/api/machine-payments.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import { mayCall } from '../../shared/time/may-call.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { signCallToken } from '../calls/create-call-token.ts';
import type { Payer } from '../http/require-payer.ts';
import { orderOf, payerArguments, storedOrder } from './orders.ts';
import type { Product } from './quote.ts';

/** The package whose price is that of a call's minutes. */
const CALL_PACKAGE = 'paid-call';

const seen = paidCall.omit({ room: true, orders: true, status: true }).extend({
  status: z.enum(['waiting', 'open', 'settled']),
  user_id: z.uuid(),
  tenant_id: z.uuid().nullable(),
  orders: z.array(storedOrder),
});
type Seen = z.infer<typeof seen>;

/** What so many minutes of a call cost now, rounded up to whole cents once. */
export async function priceOfCall(deps: Dependencies, minutes: number, of: string): Promise<Product> {
  const tiers = deps.database
    .from('pricing_tiers')
    .select('price_cents, total_minutes')
    .eq('id', CALL_PACKAGE);
  const { data, error } = await tiers.maybeSingle();
  if (error) throw databaseFault('pricing_tiers', error);
  if (data === null) throw new Fault('unknown_package');
  return {
    of: `${of}:${minutes}`,
    packageId: CALL_PACKAGE,
    cents: Math.ceil((data.price_cents * minutes) / (data.total_minutes ?? 1)),
    paidSeconds: minutes * 60,
    bonusSeconds: 0,
  };
}

/** The call of an order: the same for a retry, and nobody else's. */
export function callIdOf({ userId, tenantId, secretHash }: Payer, key: string): string {
  const name = `paid call:${tenantId ?? userId ?? secretHash}:${key}`;
  const digest = createHash('sha256').update(name).digest('hex');
  const [a, b, c, d] = [digest.slice(0, 8), digest.slice(8, 12), digest.slice(13, 16), digest.slice(17, 20)];
  return `${a}-${b}-4${c}-a${d}-${digest.slice(20, 32)}`;
}

async function answer(deps: Dependencies, call: Seen): Promise<PaidCall> {
  const { user_id: userId, tenant_id: tenantId, orders, ...shown } = call;
  const isPaid = shown.paid_seconds > 0 || orders.length === 0;
  const room = shown.status !== 'settled' && isPaid ? await roomOf(deps, call) : null;
  const status = isPaid ? shown.status : 'payment_pending';
  return { ...shown, status, orders: orders.map((order) => orderOf(deps, order)), room };
}

/** A token for its room, where there is one to come into. */
async function roomOf(deps: Dependencies, call: Seen): Promise<PaidCall['room']> {
  const wanted = {
    callId: call.call_id,
    userId: call.user_id,
    roomName: callRoomName(call.call_id),
    tenantId: call.tenant_id ?? undefined,
  };
  const { status } = await mayCall(deps.database, wanted, deps.config.MAX_CALLS_PER_PERSON);
  return status === 'open' ? signCallToken(deps.config, wanted) : null;
}

/**
 * A call of theirs as it stands.
 * @throws Fault `not_found`, `database_unavailable`
 */
export async function readPaidCall(deps: Dependencies, payer: Payer, callId: string): Promise<PaidCall> {
  const args = { ...payerArguments(payer), p_call_id: callId };
  const found = await callFunction(deps.database, 'read_paid_call', args as never, seen.nullable());
  if (found === null) throw new Fault('not_found', 'You have paid for no call with this id.');
  return answer(deps, found);
}

const begun = z.discriminatedUnion('status', [
  z.object({ status: z.literal('begun'), call: seen }),
  z.object({ status: z.enum(['unknown_buyer', 'unknown_call']) }),
]);

/**
 * Notes a call that is going to be paid for.
 * @throws Fault `role_missing`, `database_unavailable`
 */
export async function beginPaidCall(
  deps: Dependencies,
  payer: Payer,
  { callId, maxCents }: { callId: string; maxCents: number | undefined },
): Promise<PaidCall> {
  const args = { ...payerArguments(payer), p_call_id: callId, p_max_cents: maxCents ?? null };
  const answered = await callFunction(deps.database, 'begin_paid_call', args as never, begun);
  if (answered.status !== 'begun') throw new Fault('role_missing');
  return answer(deps, answered.call);
}

import { createHash, randomUUID } from 'node:crypto';
import type { SupabaseClient } from '@supabase/supabase-js';
import type postgres from 'postgres';
import { z } from 'zod';
import type { FunctionName } from '../../shared/database/call-function.ts';
import type { Database } from '../../shared/database/types.ts';

/** How a test reaches the SQL functions: over HTTP as the product does, or straight. */
export type Run = (name: FunctionName, args: Record<string, unknown>) => Promise<unknown>;

export const overHttp =
  (client: SupabaseClient<Database>): Run =>
  async (name, args) => {
    const { data, error } = await client.rpc(name as never, args as never);
    if (error) throw new Error(`${name}: ${error.code} ${error.message}`);
    return data;
  };

export const overSql =
  (sql: postgres.ISql): Run =>
  async (name, args) => {
    const list = Object.keys(args).map((key, index) => `${key} => $${index + 1}`);
    const values = Object.values(args) as postgres.ParameterOrJSON<never>[];
    const [row] = await sql.unsafe(`select public.${name}(${list.join(', ')}) as answer`, values);
    return row?.answer;
  };

const answerSchema = z.looseObject({
  status: z.string(),
  epoch: z.int().optional(),
  granted_seconds: z.int().optional(),
  free_seconds: z.int().optional(),
  live_calls: z.int().optional(),
  used_ms: z.int().optional(),
  final: z.boolean().optional(),
  replayed: z.boolean().optional(),
  card_id: z.string().nullish(),
  balance_seconds: z.int().optional(),
  receipt: z
    .looseObject({
      charged_seconds: z.int(),
      used_ms: z.int(),
      balance_seconds: z.int(),
      settled_by: z.string(),
      cards: z.array(
        z.looseObject({ card_id: z.string(), seconds: z.int(), bonus_seconds: z.int(), source: z.string() }),
      ),
    })
    .optional(),
});

const purchaseSchema = z.object({ status: z.literal('ready'), purchase: z.looseObject({ id: z.string() }) });

const tenantSchema = z.object({ tenant: z.looseObject({ id: z.string() }).optional() });

export const codeHash = (code: string) => createHash('sha256').update(code).digest('hex');

type Refund = { id: string; amount_cents: number; status: string };

export type OpenOptions = {
  callId?: string;
  room?: string;
  slice?: number;
  margin?: number;
  max?: number;
  tenantId?: string;
};

/** The SQL functions as a test says them, with ids made up where a test does not care. */
export function createBank(run: Run) {
  const ask = async (name: FunctionName, args: Record<string, unknown>) =>
    answerSchema.parse(await run(name, args));
  const purchases = new Map<string, string>();
  const refunds = new Map<string, Refund[]>();
  const payment = (purchaseId: string, intentId: string, eventId = `evt_${randomUUID()}`) => {
    purchases.set(intentId, purchaseId);
    return {
      p_event_id: eventId,
      p_event_type: 'test',
      p_purchase_id: purchaseId,
      p_payment_intent_id: intentId,
      p_status: 'under_way',
      p_received_cents: 0,
      p_tax_cents: 0,
      p_currency: 'usd',
      p_failure_code: null,
      p_refunds: [] as Refund[],
      p_disputes: [] as object[],
      p_code_hash: null as string | null,
    };
  };
  const tell = (intentId: string, news: Record<string, unknown>, eventId?: string) => {
    const purchaseId = purchases.get(intentId) ?? randomUUID();
    return ask('apply_payment', { ...payment(purchaseId, intentId, eventId), ...news });
  };
  return {
    open: (userId: string, options: OpenOptions = {}) => {
      const {
        callId = randomUUID(),
        room = `room-${callId}`,
        slice = 30,
        margin = 15,
        max = 4,
        tenantId,
      } = options;
      return ask('open_call', {
        p_call_id: callId,
        p_user_id: userId,
        p_room_name: room,
        p_slice_seconds: slice,
        p_lease_margin_seconds: margin,
        p_max_live_calls: max,
        ...(tenantId !== undefined && { p_tenant_id: tenantId }),
      });
    },
    renew: (callId: string, epoch: number, usedMs: number) =>
      ask('renew_call', { p_call_id: callId, p_epoch: epoch, p_used_ms: usedMs }),
    settle: (callId: string, epoch: number, usedMs: number, reason = 'hang_up') =>
      ask('settle_call', { p_call_id: callId, p_epoch: epoch, p_used_ms: usedMs, p_end_reason: reason }),
    reap: async () => z.array(z.string()).parse(await run('reap_calls', {})),
    roomFinished: (room: string) => run('room_finished', { p_room_name: room }),
    deduct: (userId: string, minutes: number, key?: string) =>
      ask('deduct_user_time', { user_id: userId, minutes, ...(key === undefined ? {} : { key }) }),
    balance: async (userId: string) => Number(await run('get_user_time_balance', { user_id: userId })),
    sweep: async () => Number(await run('cleanup_expired_time_cards', {})),
    /** The tenant of this key; undefined where there can be none. */
    createTenant: async (userId: string, key: string = randomUUID()) => {
      const args = { p_user_id: userId, p_name: 'a tenant', p_key: key };
      return tenantSchema.parse(await run('create_tenant', args)).tenant;
    },
    /** Free minutes; each person has an e-mail and a network address of their own. */
    claimTrial: (userId: string, seconds: number) =>
      ask('claim_trial', {
        p_user_id: userId,
        p_seconds: seconds,
        p_valid_days: 7,
        p_email_hash: codeHash(`email of ${userId}`),
        p_address_hash: codeHash(`address of ${userId}`),
        p_per_address: 1,
        p_per_day: 1000,
      }),
    activate: (userId: string, code: string, tenantId?: string) =>
      ask('activate_time_card', {
        p_user_id: userId,
        p_code_hash: codeHash(code),
        ...(tenantId !== undefined && { p_tenant_id: tenantId }),
      }),
    begin: async (
      userId: string,
      packageId: string,
      purpose: 'me' | 'gift' = 'me',
      key: string = randomUUID(),
      tenantId?: string,
    ) => {
      const args = {
        p_user_id: userId,
        p_package_id: packageId,
        p_purpose: purpose,
        p_key: key,
        ...(tenantId !== undefined && { p_tenant_id: tenantId }),
      };
      return purchaseSchema.parse(await run('begin_purchase', args)).purchase.id;
    },
    attach: (purchaseId: string, intentId: string) => {
      purchases.set(intentId, purchaseId);
      return run('attach_payment_intent', { p_purchase_id: purchaseId, p_payment_intent_id: intentId });
    },
    pay: (paid: { purchaseId: string; intentId: string; cents: number; code?: string; eventId?: string }) =>
      ask('apply_payment', {
        ...payment(paid.purchaseId, paid.intentId, paid.eventId),
        p_status: 'succeeded',
        p_received_cents: paid.cents,
        p_code_hash: codeHash(paid.code ?? paid.intentId),
      }),
    /** Tells of refunds that came to this much together; what was refunded before stays a refund of its own. */
    refund: async (intentId: string, refundedCents: number, eventId?: string) => {
      const known = refunds.get(intentId) ?? [];
      const counted = known.filter(({ status }) => status !== 'failed');
      const sum = counted.reduce((cents, refund) => cents + refund.amount_cents, 0);
      if (refundedCents > sum) {
        const id = `re_${intentId}_${known.length}`;
        refunds.set(intentId, [...known, { id, amount_cents: refundedCents - sum, status: 'succeeded' }]);
      }
      return tell(intentId, { p_refunds: refunds.get(intentId) ?? [] }, eventId);
    },
    /** The last refund of an intent turns out to have failed. */
    failRefund: (intentId: string) => {
      const known = refunds.get(intentId) ?? [];
      const failed = known.at(-1);
      if (failed !== undefined) failed.status = 'failed';
      return tell(intentId, { p_refunds: known });
    },
    dispute: (intentId: string, status: 'open' | 'lost' | 'won', cents: number, id = `dp_${intentId}`) =>
      tell(intentId, { p_disputes: [{ id, amount_cents: cents, status, reason: 'fraudulent' }] }),
  };
}
export type Bank = ReturnType<typeof createBank>;

/** Prices of the migrated packages, in cents. */
export const PRICES = { starter: 999, basic: 4499 } as const;

/** Buys a package from beginning to paid; the id of the purchase is the id of its card. */
export async function buy(
  bank: Bank,
  userId: string,
  packageId: keyof typeof PRICES,
  purpose: 'me' | 'gift' = 'me',
  tenantId?: string,
) {
  const cardId = await bank.begin(userId, packageId, purpose, randomUUID(), tenantId);
  const intentId = `pi_${randomUUID()}`;
  await bank.attach(cardId, intentId);
  await bank.pay({ purchaseId: cardId, intentId, cents: PRICES[packageId], code: cardId });
  return { cardId, intentId, code: cardId };
}

import { randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { type Bank, buy } from './bank.ts';

export type Routine = { routine: string; arguments: { name: string; type: string }[] };

/** By type: what a caller with a bug, or with bad intentions, could send. */
export const HOSTILE: Record<string, unknown[]> = {
  int4: [null, 0, -1, 2_147_483_647, -2_147_483_648],
  int8: [null, 0, -1, '9223372036854775807', '-9223372036854775808', '9007199254740993'],
  numeric: [null, -1, 'NaN', 'Infinity', '1e30'],
  bool: [null, true, false],
  text: [null, '', 'x'.repeat(20_000), "'; drop table public.time_ledger; --", '{"$gt":""}', '\u202e\u0000'],
  uuid: [null, '00000000-0000-0000-0000-000000000000', 'not a uuid'],
  _uuid: [null, [], [null], ['00000000-0000-0000-0000-000000000000']],
  _int4: [null, [], [null], [-1], [2_147_483_647, 1]],
  // Of memory: an array of reals.
  _float4: [null, [], [null], ['NaN', 'Infinity'], ['3e38', '-3e38'], [0], Array(5000).fill(1)],
  _int8: [null, [], [null], [-1], ['9223372036854775807', '0']],
  timestamptz: [null, '0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
  date: [null, '0001-01-01', '1970-01-01', '9999-12-31'],
  _text: [null, [], [null], ['x'], ['f'.repeat(64), 'f'.repeat(64)]],
  jsonb: [null, 'x'.repeat(100_000), { __proto__: null, constructor: {} }, []],
};

/** A tenant of the person for this function, which may close it; one of nobody where they have too many. */
async function tenantOf(bank: Bank, userId: string, routine: string): Promise<string> {
  const tenant = await bank.createTenant(userId, routine === 'close_tenant' ? randomUUID() : routine);
  return tenant?.id ?? randomUUID();
}

/** Arguments that would do something, so that exactly one hostile value stands among good ones. */
export async function goodArguments(
  bank: Bank,
  userId: string,
  routine: string,
): Promise<Record<string, unknown>> {
  const liveCall = randomUUID();
  if (/renew|settle|room|remember/.test(routine))
    await bank.open(userId, { callId: liveCall, room: liveCall, max: 10_000 });
  const begun = await bank.begin(userId, 'starter');
  const { cardId: purchaseId, intentId } =
    routine === 'apply_payment'
      ? await buy(bank, userId, 'starter')
      : { cardId: begun, intentId: `pi_${begun}` };
  const tenantId = /tenant|member|invit|api_key/.test(routine) ? await tenantOf(bank, userId, routine) : null;
  const batch = { p_call_ids: [liveCall], p_epochs: [1], p_used_ms: [5_000], p_restored_ms: [0] };
  return {
    user_id: userId,
    minutes: 1,
    key: randomUUID(),
    p_user_id: userId,
    p_call_id: liveCall,
    p_room_name: liveCall,
    p_epoch: 1,
    p_used_ms: 5_000,
    p_end_reason: 'test',
    p_windows: [],
    p_measures: { turns: 1, interruptions: 0, errors: 0, provider_cost_micros: 0, unpriced: [] },
    p_slice_seconds: 30,
    p_lease_margin_seconds: 15,
    p_max_live_calls: 10_000,
    p_limit: 100,
    p_after: null,
    p_package_id: 'starter',
    p_purpose: 'me',
    p_key: randomUUID(),
    p_purchase_id: purchaseId,
    p_payment_intent_id: intentId,
    p_event_id: `evt_${randomUUID()}`,
    p_event_type: 'test',
    p_received_cents: 999,
    p_tax_cents: 0,
    p_refunds: [{ id: `re_${randomUUID()}`, amount_cents: 1, status: 'succeeded' }],
    p_events: [{ id: `evt_${randomUUID()}`, type: 'charge.refunded', object_id: 'ch_1', handled: true }],
    p_disputes: [{ id: `dp_${randomUUID()}`, amount_cents: 1, status: 'open' }],
    p_object_id: 'pi_test',
    p_handled: true,
    p_outcome: 'test',
    p_error: 'test',
    p_max_attempts: 8,
    p_attempt: 1,
    p_decision: routine === 'decide_job' ? 'retry' : 'release',
    p_amount_cents: 1,
    p_refund_id: randomUUID(),
    p_stripe_refund_id: 're_test',
    p_refusal: 'test',
    p_subject: 'test',
    p_detail: 'test',
    p_older_than_seconds: 600,
    p_currency: 'usd',
    p_code_hash: 'a'.repeat(64),
    p_key_hash: randomUUID().replaceAll('-', '').repeat(2),
    p_key_id: randomUUID(),
    p_scopes: ['verify'],
    p_expires_at: null,
    p_prefix: 'mb_test_aaaa',
    p_last4: 'aaaa',
    p_grace_seconds: 60,
    p_line: 'api',
    p_status: 'failed',
    p_failure_code: 'test',
    p_name: 'a timer',
    p_every_seconds: 60,
    p_seconds: 60,
    p_user_ids: [userId],
    p_reason: 'test',
    p_operator_id: userId,
    p_message: null,
    p_recipient_name: null,
    p_address_hash: 'b'.repeat(64),
    p_email_hash: 'c'.repeat(64),
    p_forfeit_seconds: 0,
    p_part: 'calls',
    p_after_at: null,
    p_after_id: null,
    p_gift_email: null,
    p_deliver_on: null,
    p_time_zone: 'Europe/Berlin',
    p_card_id: purchaseId,
    p_score: 5,
    p_words: 'test',
    p_about: 'account',
    p_about_id: null,
    p_answer: 'test',
    p_request_id: randomUUID(),
    p_before: null,
    p_days: 30,
    p_valid_days: 14,
    p_per_address: 3,
    p_per_day: 100,
    p_kind: 'promo',
    p_count: 1,
    p_minutes: 30,
    p_usable_until: new Date(Date.now() + 86_400_000).toISOString(),
    p_note: 'test',
    p_card_ids: [randomUUID()],
    p_code_hashes: [randomUUID().replaceAll('-', '').repeat(2)],
    p_batch_id: randomUUID(),
    p_export_id: randomUUID(),
    p_facts: routine === 'remember_facts' ? [{ text: 'a fact', kind: 'fact' }] : 30,
    p_memory_id: randomUUID(),
    p_text: 'a text',
    p_query: 'a query',
    p_embedding: [1, 2],
    p_model: 'a model',
    p_locale: 'en-GB',
    p_voice: 'echo',
    p_memory_enabled: true,
    p_language: 'de',
    p_mails_off: ['receipt'],
    ...(routine === 'create_code_batch' && { p_package_id: null }),
    ...(routine === 'delete_account' && { p_user_id: randomUUID() }),
    p_id: randomUUID(),
    p_retry_in_seconds: 1,
    p_older_than_days: 400,
    p_customer_id: 'cus_test',
    p_threshold_seconds: 600,
    p_monthly_cap_cents: 5_000,
    p_payment_method_id: 'pm_test',
    p_price_cents: 999,
    p_session_id: 'cs_test_1',
    p_lasts_seconds: 7200,
    p_consent: true,
    p_charge_id: randomUUID(),
    p_from: '2026-01-01T00:00:00Z',
    p_to: '2026-02-01T00:00:00Z',
    p_step: 'day',
    p_zone: 'UTC',
    p_basis: 'booked',
    p_months: 12,
    p_order: 'slow',
    p_version: '',
    p_is_frozen: false,
    p_about_user_id: randomUUID(),
    p_act: 'end_call',
    p_day: '2026-01-01',
    p_tenant_id: tenantId,
    p_member_id: userId,
    p_invitation_id: randomUUID(),
    p_email: `${randomUUID()}@example.com`,
    p_billing_email: 'billing@example.com',
    p_role: 'member',
    p_token_hash: randomUUID().replaceAll('-', '').repeat(2),
    p_restored_ms: 0,
    p_rates: [{ kind: 'tool_call', price_micros_per_million: 1, valid_from: '2020-01-01T00:00:00Z' }],
    p_by: 'day',
    p_tool: 'x',
    p_server: 'x',
    p_result: {},
    p_lease_seconds: 60,
    p_outcomes: [{ id: 1, state: 'delivered' }],
    p_retry_seconds: 30,
    p_oldest_days: 35,
    p_identifiers: [randomUUID()],
    p_event_name: 'usage',
    p_invoice_item_id: 'ii_1',
    p_settled_seconds: 3600,
    p_theirs: 1,
    p_plans: [],
    p_dry_run: true,
    p_subscription: {},
    p_customer_at_stripe: 'cus_1',
    p_read_at: '2026-01-01T00:00:00Z',
    ...(routine === 'track_usage' && {
      p_events: [
        {
          kind: 'tool_call',
          tool: 'x',
          quantity: 1,
          occurred_at: new Date().toISOString(),
          key: randomUUID(),
        },
      ],
    }),
    p_worker_id: routine === 'report_worker' ? randomUUID() : 'worker',
    p_report: { name: 'host:1', release: '1.0', state: 'open', calls: 0, seats: null, load_percent: 5 },
    p_fee_cents: 59,
    p_provider: 'llm@api.openai.com',
    ...(routine === 'renew_calls' && batch),
  };
}

/** The functions of public with their arguments, from the catalog. */
export async function publicRoutines(sql: postgres.Sql): Promise<Routine[]> {
  const rows = await sql<(Omit<Routine, 'arguments'> & { arguments: Routine['arguments'] | null })[]>`
    select p.proname as routine, (select json_agg(json_build_object('name', a.name, 'type', t.typname) order by a.n)
      from unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) with ordinality a(name, type, n)
      join pg_type t on t.oid = a.type) as arguments
    from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' order by 1`;
  return rows.map((row) => ({ routine: row.routine, arguments: row.arguments ?? [] }));
}

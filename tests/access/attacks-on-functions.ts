import type { Attack } from './attack.ts';
import type { Credentials } from './attacks-on-tables.ts';

/** What an attacker would like to name, if they knew it. */
export type Prey = { id: string; callId: string; cardId: string; memoryId: string; tenantId: string };

export type Routine = { schema: string; name: string; arguments: string[] };

/** What each argument would have to say to take something from the victim, or to give something to oneself. */
function greedyArguments(routine: Routine, attackerId: string, victim: Prey) {
  const forVictim =
    /deduct|balance|analytics|begin|memor|remember|caller|settings|export|delet|tenant|member|invit|api_key/.test(
      routine.name,
    );
  const values: Record<string, unknown> = {
    user_id: forVictim ? victim.id : attackerId,
    p_user_id: forVictim ? victim.id : attackerId,
    minutes: 60,
    key: 'hacked',
    p_call_id: victim.callId,
    p_epoch: 1,
    p_used_ms: 30_000,
    p_room_name: 'room-of-the-victim',
    p_package_id: 'enterprise',
    p_purpose: 'me',
    p_key: 'hacked',
    p_purchase_id: victim.cardId,
    p_event_id: 'evt_hacked',
    p_event_type: 'payment_intent.succeeded',
    p_payment_intent_id: 'pi_hacked',
    p_received_cents: 29_999,
    p_tax_cents: 0,
    p_refunds: [{ id: 're_hacked', amount_cents: 999, status: 'succeeded' }],
    p_events: [{ id: 'evt_hacked', type: 'charge.refunded', object_id: 'ch_1', handled: true }],
    p_disputes: [{ id: 'dp_hacked', amount_cents: 999, status: 'open' }],
    p_decision: 'release',
    p_amount_cents: 999,
    p_reason: 'hacked',
    p_currency: 'usd',
    p_code_hash: 'f'.repeat(64),
    p_status: 'failed',
    p_failure_code: 'hacked',
    p_end_reason: 'hacked',
    p_name: 'hacked',
    p_every_seconds: 1,
    p_lease_seconds: 60,
    p_max_attempts: 20,
    p_id: victim.cardId,
    p_attempt: 1,
    p_error: 'hacked',
    p_retry_in_seconds: 3_600,
    p_limit: 1_000,
    p_older_than_days: 0,
    p_customer_id: 'cus_of_the_victim',
    p_threshold_seconds: 360_000,
    p_monthly_cap_cents: 10_000_000,
    p_payment_method_id: 'pm_hacked',
    p_session_id: 'cs_hacked',
    p_lasts_seconds: 7200,
    p_consent: true,
    p_charge_id: victim.cardId,
    p_operator_id: victim.id,
    p_address_hash: 'f'.repeat(64),
    p_forfeit_seconds: 1_000_000,
    p_part: 'calls',
    p_score: 1,
    p_words: 'hacked',
    p_about: 'account',
    p_answer: 'hacked',
    p_request_id: victim.cardId,
    p_email_hash: 'f'.repeat(64),
    p_seconds: 36_000,
    p_valid_days: 366,
    p_per_address: 10_000,
    p_per_day: 10_000,
    p_kind: 'promo',
    p_count: 1,
    p_minutes: 60_000,
    p_usable_until: '2030-01-01T00:00:00Z',
    p_note: 'hacked',
    p_card_ids: [victim.callId],
    p_code_hashes: ['e'.repeat(64)],
    p_batch_id: victim.cardId,
    p_export_id: victim.callId,
    p_days: 366,
    p_measures: {
      turns: 0,
      interruptions: 0,
      errors: 0,
      provider_cost_micros: 0,
      quality: 100,
      unpriced: [],
    },
    p_facts: /remember/.test(routine.name) ? [{ text: 'hacked', kind: 'fact' }] : 30,
    p_tenant_id: victim.tenantId,
    p_member_id: attackerId,
    p_invitation_id: victim.callId,
    p_email: 'attacker@example.com',
    p_billing_email: 'attacker@example.com',
    p_role: 'owner',
    p_token_hash: 'f'.repeat(64),
    p_key_hash: 'f'.repeat(64),
    p_key_id: victim.callId,
    p_uses: [{ hash: 'f'.repeat(64), scope: 'verify', writes: false, count: 1_000 }],
    p_notes: [],
    p_scopes: ['billing:write'],
    p_prefix: 'mb_live_hack',
    p_last4: 'hack',
    p_grace_seconds: 2_592_000,
    p_memory_id: victim.memoryId,
    p_text: 'hacked',
    p_query: 'dog',
    p_locale: 'de-DE',
    p_voice: 'hacked',
    p_memory_enabled: false,
  };
  return Object.fromEntries(
    routine.arguments.filter((name) => name in values).map((name) => [name, values[name]]),
  );
}

/** Every function of public and private, by POST and by GET, where it lives and where it does not. */
export function attacksOnFunctions(
  routines: Routine[],
  who: Credentials,
  attackerId: string,
  victim: Prey,
): Attack[] {
  return routines.flatMap((routine) => {
    const body = greedyArguments(routine, attackerId, victim);
    const query = new URLSearchParams(
      Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const path = `/rest/v1/rpc/${routine.name}`;
    const schema = { 'content-profile': routine.schema, 'accept-profile': routine.schema };
    const base = { name: `${who.as}: call ${routine.schema}.${routine.name}` };
    return [
      { ...base, method: 'POST', path, body, headers: { ...who.headers, ...schema } },
      {
        ...base,
        name: `${base.name} by GET`,
        method: 'GET',
        path: `${path}?${query}`,
        headers: { ...who.headers, ...schema },
      },
      { ...base, name: `${base.name} in no schema`, method: 'POST', path, body, headers: who.headers },
      {
        ...base,
        name: `${base.name} in one transaction`,
        method: 'POST',
        path,
        body,
        headers: { ...who.headers, prefer: 'tx=commit,params=single-object' },
      },
    ];
  });
}

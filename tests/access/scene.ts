import { randomUUID } from 'node:crypto';
import { fact, memoryOf } from '../memory/memory.ts';
import { createTestDatabase, type Person, type TestDatabase } from '../support/database.ts';
import { type Bank, buy, codeHash, createBank, overHttp } from '../time/bank.ts';
import { giveTime } from '../time/people.ts';
import { toolCall, track } from '../usage/usage.ts';
import { addAgent, addSeller, walletsOf } from '../wallets/wallets.ts';

export type Scene = {
  db: TestDatabase;
  victim: Person;
  attacker: Person;
  callId: string;
  cardId: string;
  memoryId: string;
  tenantId: string;
  secrets: string[];
};

/** A length of time that no other number looks like. */
const PECULIAR_SECONDS = 7_654_321;
const PECULIAR_REAL = 0.765_432;

/**
 * A tenant of the victim with all that a tenant can have, which the attacker was a member of until they were removed.
 * @returns its id, and what only its members may read
 */
async function addTenant({ sql }: TestDatabase, bank: Bank, victim: Person, attacker: Person) {
  const id = (await bank.createTenant(victim.id))?.id ?? '';
  await sql`update public.tenants set name = 'Tenant of the victim', billing_email = 'billing@victim.example',
    stripe_customer_id = 'cus_of_the_tenant' where id = ${id}`;
  await sql`insert into public.plans (id, name, kind, active) values ('plan-of-the-victim', 'Secret', 'prepaid', false)`;
  await sql`insert into public.subscriptions (id, tenant_id, plan_id, status)
    values ('sub_of_the_victim', ${id}, 'plan-of-the-victim', 'active')`;
  await giveTime(sql, id, PECULIAR_SECONDS);
  await sql`select public.invite_member(${victim.id}, ${id}, gen_random_uuid(), 'guest@victim.example', 'owner', ${'d'.repeat(64)})`;
  await sql`insert into public.tenant_members (tenant_id, user_id, role) values (${id}, ${attacker.id}, 'owner')`;
  await sql`select public.remove_member(${victim.id}, ${id}, ${attacker.id})`;
  const secrets = [
    'Tenant of the victim',
    'billing@victim.example',
    'cus_of_the_tenant',
    'plan-of-the-victim',
  ];
  return { id, secrets: [id, ...secrets, 'sub_of_the_victim', 'guest@victim.example', 'd'.repeat(64)] };
}

/** A paid API that only the victim's tenant may call, what an agent of the victim's paid for it, and what of that went back. */
async function addPaidApi({ sql }: TestDatabase, victim: Person, tenantId: string): Promise<string[]> {
  const sellerId = await addSeller(sql, victim.id);
  const agentId = await addAgent(sql, victim.id);
  const wallets = walletsOf(sql);
  const wallet = await wallets.of('person', victim.id);
  await wallets.topUp(wallet, 3_141_592);
  const hold = await wallets.hold(wallet, 2_718_281, sellerId, 'hold-of-the-victim');
  await wallets.settle(String(hold.hold_id), 2_718_281);
  await wallets.refund(String(hold.hold_id), 1_000, 'refund-of-the-victim');
  const [product] =
    await sql`insert into api_products (seller_id, tenant_id, name, status, price_per_call, api_endpoint)
    values (${sellerId}, ${tenantId}, 'api_of_the_victim', 'active', 0.1, 'https://api-of-the-victim.example/v1') returning id`;
  await sql`insert into autonomous_revenue (agent_id, api_product_id, seller_id, hold_id, amount_micros, platform_fee_micros,
    seller_share_micros, revenue_source, status, key) values (${agentId}, ${product?.id}, ${sellerId}, ${String(hold.hold_id)}, 100, 5, 95,
    'api_calls', 'collected', 'revenue-of-the-victim')`;
  await sql`insert into payments (stripe_id, amount_micros, status) values ('pi_paid_by_the_victim', 500000, 'succeeded')`;
  await sql`insert into pending_payments (agent_id, amount_micros, payment_intent_id)
    values (${agentId}, 500000, 'pi_pending_of_the_victim')`;
  await sql`insert into market_opportunities (title, user_id) values ('opportunity-of-the-victim', ${victim.id})`;
  await sql`insert into agent_budgets (agent_id, day, spent_micros) values (${agentId}, '2026-01-01', 577215664)`;
  await sql`insert into brain_tasks (assigned_agent, task_type, reserved_micros, budget_day, key)
    values (${agentId}, 'api_call', 1, '2026-01-01', 'task-of-the-victim')`;
  return [
    'opportunity-of-the-victim',
    '577215664',
    'task-of-the-victim',
    sellerId,
    agentId,
    wallet,
    product?.id,
    'hold-of-the-victim',
    'refund-of-the-victim',
    'api_of_the_victim',
    'api-of-the-victim.example',
    'revenue-of-the-victim',
    'pi_paid_by_the_victim',
    'pi_pending_of_the_victim',
  ];
}

/** What the victim's tenant is billed, and what it saved: figures that nobody else may read. */
async function addBilling({ sql }: TestDatabase, tenantId: string): Promise<string[]> {
  const evidence = sql.json({ plant: 'plant-of-the-victim' });
  await sql`insert into public.kpi_baselines (tenant_id, metric, unit, direction, method, baseline_value, cost_per_unit, effective_from, evidence)
    values (${tenantId}, 'metric_of_the_victim', 'hour', 'down', 'plain', 9, 7, '2024-01-01', ${evidence})`;
  await sql`insert into public.kpi_actuals (tenant_id, metric, period_start, period_end, value, evidence)
    values (${tenantId}, 'metric_of_the_victim', '2024-01-01', '2024-12-31', 5, ${evidence})`;
  await sql`insert into public.gainshare_runs (tenant_id, period_start, period_end, share_pct, currency, savings_cents, fee_cents, snapshot,
      snapshot_hash, dispute_until) values (${tenantId}, '2024-01-01', '2024-12-31', 15, 'cad', 2800, 420, '{}', ${'7'.repeat(64)}, now())`;
  await sql`insert into public.gainshare_acts (run_id, act, snapshot_hash, reason) select id, 'run', snapshot_hash, 'act-of-the-victim'
    from public.gainshare_runs where tenant_id = ${tenantId}`;
  await sql`insert into public.billing_invoices (id, tenant_id, status, currency, subtotal_cents, tax_cents, total_cents, amount_due_cents,
      amount_paid_cents, other_cents, hosted_url, created_at, read_at)
    values ('in_of_the_victim', ${tenantId}, 'open', 'cad', 1, 0, 1, 1, 0, 1, 'https://invoice-of-the-victim.example', now(), now())`;
  return [
    ...['plant-of-the-victim', 'metric_of_the_victim', '7'.repeat(64), 'act-of-the-victim'],
    ...['in_of_the_victim', 'invoice-of-the-victim.example'],
  ];
}

/** A victim with time, a gift, a live call and a finished one, and an attacker who signed up like everybody. */
export async function createScene(): Promise<Scene> {
  const db = await createTestDatabase();
  const victim = await db.signUpByForm();
  const attacker = await db.signUpByForm();
  const bank = createBank(overHttp(db.service));
  const callId = randomUUID();
  const cardId = await giveTime(db.sql, victim.id, PECULIAR_SECONDS);
  const { intentId } = await buy(bank, victim.id, 'starter');
  const gift = await buy(bank, victim.id, 'basic', 'gift');
  await bank.activate(victim.id, 'a guess');
  await bank.open(victim.id, { callId, room: 'room-of-the-victim' });
  const past = randomUUID();
  await bank.open(victim.id, { callId: past });
  await bank.settle(past, 1, 9_000);
  await track(db.sql, victim.id, [toolCall({ tool: 'tool-of-the-victim' })]);
  await db.sql`select private.enqueue('notice', 'job-of-the-house', '{}')`;
  await db.sql`update public.users set stripe_customer_id = 'cus_of_the_victim' where id = ${victim.id}`;
  await db.sql`insert into public.pricing_tiers (id, name, hours, price_cents, active)
    values ('tier-not-for-sale', 'Secret', 1, 5000, false)`;
  const memory = memoryOf(db.sql, victim.id);
  await memory.tell(
    fact('Has a dog called Bellerophon', { embedding: [PECULIAR_REAL, 1], model: 'model-of-memories' }),
  );
  const memoryId = await memory.idOf('Has a dog called Bellerophon');
  await db.sql`select public.write_settings(${victim.id}, 'qya-ME', 'voice-of-the-victim')`;
  const tenant = await addTenant(db, bank, victim, attacker);
  const secrets = [
    ...tenant.secrets,
    ...(await addBilling(db, tenant.id)),
    ...(await addPaidApi(db, victim, tenant.id)),
    victim.id,
    victim.email,
    callId,
    past,
    cardId,
    intentId,
    gift.cardId,
    gift.intentId,
    codeHash(gift.code),
    memoryId,
    'Bellerophon',
    String(PECULIAR_REAL),
    'model-of-memories',
    'qya-ME',
    'voice-of-the-victim',
    'room-of-the-victim',
    'cus_of_the_victim',
    'tier-not-for-sale',
    'job-of-the-house',
    'tool-of-the-victim',
    String(PECULIAR_SECONDS),
    'test-only-jwt-secret',
    'sb_secret_',
    '20261127000',
  ];
  return { db, victim, attacker, callId, cardId, memoryId, tenantId: tenant.id, secrets };
}

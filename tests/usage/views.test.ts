import { expect } from 'vitest';
import { testWithDatabase as test } from '../support/test-with-database.ts';
import { addTenant, toolCall, track } from './usage.ts';

/** As the first design's guide has them. */
const RECENT_USAGE = `
-- View recent usage events
SELECT 
  u.email,
  bue.tool_name,
  bue.server_id,
  bue.created_at,
  bue.stripe_event_id
FROM billing_usage_events bue
JOIN auth.users u ON u.id = bue.user_id
ORDER BY bue.created_at DESC
LIMIT 100;`;
const WITHOUT_CUSTOMER = `
-- Find users without Stripe customers
SELECT u.id, u.email, up.stripe_customer_id
FROM auth.users u
LEFT JOIN user_profiles up ON up.id = u.id
WHERE up.stripe_customer_id IS NULL;`;

test('the queries of the first design answer as they stand', async ({ db }) => {
  const { sql } = db;
  const person = await db.signUp();
  const rich = await db.signUp();
  await sql`update users set stripe_customer_id = 'cus_1' where id = ${rich.id}`;
  await track(sql, person.id, [toolCall({ server: 'hub', metadata: { token_count: 12 } })]);
  const [event] = await sql.unsafe(RECENT_USAGE);
  expect(event).toEqual({
    email: person.email,
    tool_name: 'search',
    server_id: 'hub',
    created_at: expect.any(Date),
    stripe_event_id: null,
  });
  const without = await sql.unsafe(WITHOUT_CUSTOMER);
  expect(without.map(({ id }) => id)).toEqual([person.id]);
});

test('each view shows a person theirs, and a tenant to whom it concerns', async ({ db }) => {
  const { sql } = db;
  const [owner, member, stranger] = [await db.signUp(), await db.signUp(), await db.signUp()];
  await sql`insert into plans (id, name, kind) values ('team', 'Team', 'metered')`;
  const tenantId = await addTenant(sql, [owner.id, member.id], 'team');
  await sql`insert into subscriptions (id, tenant_id, plan_id, status) values ('sub_1', ${tenantId}, 'team', 'active')`;
  await track(sql, member.id, [toolCall()], tenantId);
  await track(sql, member.id, [toolCall({ tool: 'own' })]);
  const read = async ({ client }: typeof owner) => ({
    usage: (await client.from('billing_usage_events').select('tool_name')).data
      ?.map(({ tool_name }) => tool_name)
      .toSorted(),
    profiles: (await client.from('user_profiles').select('id')).data?.length,
    subscriptions: (await client.from('user_subscriptions').select('plan_id')).data?.map(
      ({ plan_id }) => plan_id,
    ),
  });
  expect(await read(owner)).toEqual({ usage: ['search'], profiles: 1, subscriptions: ['team'] });
  expect(await read(member)).toEqual({ usage: ['own', 'search'], profiles: 1, subscriptions: [] });
  expect(await read(stranger)).toEqual({ usage: [], profiles: 1, subscriptions: [] });
  // What it costs us is closed to who pays.
  const { error } = await owner.client.from('usage_events').select('cost_micro_usd');
  expect(error?.code).toBe('42501');
  await sql`delete from tenant_members where user_id = ${member.id}`;
  expect(await read(member)).toMatchObject({ usage: ['own'] });
});

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  invitationResponse,
  membersResponse,
  tenantResponse,
  tenantsResponse,
} from '../../shared/api/tenants.ts';
import { sendNotice } from '../../webhook-server/notices/send-notice.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';
import { undone } from '../support/undone.ts';
import { buy, createBank, overSql } from '../time/bank.ts';
import { giveTime } from '../time/people.ts';

let sidecar: TestSidecar;
let owner: Person;
let other: Person;
let tenantId: string;
beforeAll(async () => {
  sidecar = await startSidecar({ config: { PUBLIC_URL: 'https://mindbot.example' } });
});
afterAll(() => sidecar.close());
beforeEach(async () => {
  owner = await sidecar.database.signUp();
  other = await sidecar.database.signUp();
  tenantId = tenantResponse.parse((await create()).body).tenant.id;
});
afterEach(() => sidecar.expectSound());

const create = (key: string = randomUUID(), name = 'Acme', by = owner) =>
  sidecar.post('/tenants', { person: by, body: { name }, headers: { 'idempotency-key': key } });
const invite = (email: string, role = 'member', by = owner) =>
  sidecar.post(`/tenants/${tenantId}/invitations`, { person: by, body: { email, role } });
const join = (token: string, by: Person) => sidecar.post('/tenants/join', { person: by, body: { token } });
const tenantsOf = async (by: Person) =>
  tenantsResponse.parse((await sidecar.get('/tenants', { person: by })).body).tenants;
const membersOf = async (by = owner) =>
  membersResponse.parse((await sidecar.get(`/tenants/${tenantId}/members`, { person: by })).body).members;
const setRole = (of: Person, role: string, by = owner) =>
  sidecar.put(`/tenants/${tenantId}/members/${of.id}`, { person: by, body: { role } });
const remove = (of: Person, by = owner) =>
  sidecar.delete(`/tenants/${tenantId}/members/${of.id}`, { person: by });

/** The mails about an invitation or a tenant, as they are sent. */
async function mailsOf(aboutId: string): Promise<{ to: string; text: string }[]> {
  const jobs = await sidecar.database.sql`select id, singleton_key as key, data as payload from pgboss.job
    where name = 'notice' and ${aboutId} in (data ->> 'invitation_id', data ->> 'tenant_id')`;
  const sent: { to: string; text: string }[] = [];
  const mail = {
    ...sidecar.deps.mail,
    async send({ to, text }: { to: string; text: string }) {
      sent.push({ to, text });
    },
  };
  for (const { id, key, payload } of jobs)
    await sendNotice({ ...sidecar.deps, mail }, { id, key, payload, attempt: 1, ageSeconds: 1 });
  return sent;
}
async function tokenFor(email: string, role = 'member'): Promise<string> {
  const { invitation } = invitationResponse.parse((await invite(email, role)).body);
  const [mail] = await mailsOf(invitation.id);
  return /teams\/join#(\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
}
const add = async (person: Person, role = 'member') => join(await tokenFor(person.email, role), person);

describe('a tenant', () => {
  test('is created once per key, by its owner, with an account of its own', async () => {
    const key = randomUUID();
    const first = tenantResponse.parse((await create(key, 'Twice')).body).tenant;
    expect(first).toMatchObject({ name: 'Twice', role: 'owner', balance_seconds: 0, members: 1 });
    expect((await create(key, 'Twice')).body).toMatchObject({ tenant: { id: first.id } });
    expect((await tenantsOf(owner)).map(({ id }) => id)).toEqual([tenantId, first.id]);
    expect(await tenantsOf(other)).toEqual([]);
  });

  test.each(['', 'a\nb', 'see http://evil.example', 'www.evil.example', 'evil.example/pay', 'x'.repeat(201)])(
    'is not called %j',
    async (name) => {
      expect((await create(randomUUID(), name)).status).toBe(400);
    },
  );

  test('is seen by its members only, and changed as their roles allow', async () => {
    const at = `/tenants/${tenantId}`;
    for (const path of [at, `${at}/members`, `${at}/invitations`])
      expect([path, (await sidecar.get(path, { person: other })).status]).toEqual([path, 404]);
    await add(other);
    expect((await sidecar.get(`${at}/invitations`, { person: other })).status).toBe(404);
    const rename = (by: Person) => sidecar.patch(at, { person: by, body: { name: 'Better' } });
    const bill = (by: Person) => sidecar.patch(at, { person: by, body: { billing_email: 'b@acme.example' } });
    expect([codeOf(await rename(other)), codeOf(await bill(other))]).toEqual([
      'role_missing',
      'role_missing',
    ]);
    expect(codeOf(await setRole(other, 'owner', other))).toBe('role_missing');
    await setRole(other, 'billing');
    expect([codeOf(await rename(other)), (await bill(other)).status]).toEqual(['role_missing', 200]);
    expect((await rename(owner)).body).toMatchObject({
      tenant: { name: 'Better', billing_email: 'b@acme.example' },
    });
    expect((await membersOf(other)).map(({ email }) => email)).toEqual([owner.email, other.email]);
  });

  test('is never without an owner', async () => {
    await add(other);
    for (const answer of [await setRole(owner, 'member'), await remove(owner)])
      expect([answer.status, codeOf(answer)]).toEqual([409, 'last_owner']);
    // Nor by whatever forgets to ask.
    await expect(
      undone(sidecar.database, async (sql) => {
        await sql`delete from tenant_members where tenant_id = ${tenantId} and user_id = ${owner.id}`;
        await sql`set constraints all immediate`;
      }),
    ).rejects.toMatchObject({ code: '23514' });
    await setRole(other, 'owner');
    expect((await remove(owner)).body).toEqual({ status: 'removed' });
    expect((await membersOf(other)).map(({ user_id, role }) => [user_id, role])).toEqual([
      [other.id, 'owner'],
    ]);
  });

  test('is left by whoever was removed, with all that they had invited', async () => {
    await add(other, 'owner');
    const third = await sidecar.database.signUp();
    const { invitation } = invitationResponse.parse((await invite(third.email, 'owner', other)).body);
    const [mail] = await mailsOf(invitation.id);
    expect((await remove(other)).status).toBe(200);
    expect(await tenantsOf(other)).toEqual([]);
    expect((await sidecar.get(`/tenants/${tenantId}`, { person: other })).status).toBe(404);
    const token = /teams\/join#(\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
    expect(codeOf(await join(token, third))).toBe('invitation_over');
  });

  test('shows what its time and money were used for to who belongs to it, and to nobody who has left', async () => {
    const bank = createBank(overSql(sidecar.database.sql));
    await add(other, 'billing');
    const { cardId } = await buy(bank, other.id, 'starter', 'me', tenantId);
    const callId = randomUUID();
    expect((await bank.open(other.id, { callId, tenantId })).status).toBe('open');
    await bank.settle(callId, 1, 9_000, 'caller_hung_up');
    const seen = () =>
      Promise.all(
        [`calls/${callId}/receipt`, `purchases/${cardId}/receipt`].map(
          async (path) => (await sidecar.get(`/user/${other.id}/${path}`, { person: other })).status,
        ),
      );
    expect(await seen()).toEqual([200, 200]);
    const calls = async (path: string, person: Person) => {
      const { status, body } = await sidecar.get(path, { person });
      return status === 200 ? (body as { calls: object[] }).calls : status;
    };
    const third = await sidecar.database.signUp();
    await add(third);
    const [own, all] = [`/user/${other.id}/calls`, `/tenants/${tenantId}/calls`];
    expect(await calls(own, other)).toMatchObject([{ call_id: callId, tenant_id: tenantId }]);
    expect(await calls(all, owner)).toMatchObject([{ call_id: callId, user_id: other.id }]);
    expect(await calls(all, third)).toEqual([]);
    const receipt = async (person: Person) =>
      (await sidecar.get(`${all}/${callId}/receipt`, { person })).status;
    expect([await receipt(owner), await receipt(third)]).toEqual([200, 404]);
    await setRole(other, 'member');
    expect(await calls(all, other)).toEqual([expect.not.objectContaining({ user_id: other.id })]);
    expect((await sidecar.get(`${all}?before=${callId}`, { person: third })).status).toBe(400);
    await remove(other);
    expect(await seen()).toEqual([404, 404]);
    expect([await calls(own, other), await calls(all, other), await receipt(other)]).toEqual([[], 404, 404]);
  });

  test('is closed with agreement to lose its time, and stays in the books', async () => {
    await add(other);
    await giveTime(sidecar.database.sql, tenantId, 100);
    const close = (seconds: number, by = owner) =>
      sidecar.post(`/tenants/${tenantId}/close`, { person: by, body: { forfeit_seconds: seconds } });
    expect(codeOf(await close(100, other))).toBe('role_missing');
    expect(codeOf(await close(99))).toBe('forfeit_not_agreed');
    expect((await close(100)).body).toEqual({ status: 'closed', forfeited_seconds: 100 });
    expect((await close(0)).body).toEqual({ status: 'closed', forfeited_seconds: 0 });
    expect(await tenantsOf(owner)).toEqual([]);
    expect((await invite('x@y.example')).status).toBe(404);
  });
});

describe('a threshold of spending', () => {
  test('is told once: by mail to who does the billing, with the figures of the refusal, and to who calls', async () => {
    const { sql } = sidecar.database;
    await add(other, 'billing');
    await add(await sidecar.database.signUp());
    await sql`insert into plans (id, name, kind, soft_spend_per_day_micros, hard_spend_per_day_micros)
      values (${tenantId}, 'Tight', 'metered', 1000000, 5000000)`;
    await sql`update tenants set plan_id = ${tenantId} where id = ${tenantId}`;
    await sql`select set_rates('[{"kind": "tool_call", "tool": "dear", "price_micros_per_million": 2000000000000, "valid_from": "2020-01-01"}]')`;
    const use = async (quantity: number) => {
      const event = {
        key: randomUUID(),
        occurred_at: new Date().toISOString(),
        kind: 'tool_call',
        tool: 'dear',
        quantity,
      };
      await sql`select track_usage(${owner.id}, ${tenantId}, ${sql.json([event])})`;
      return (await sql`select check_spend() as told, spend_warning(${tenantId}) as warning`)[0];
    };
    expect((await sql`select check_spend() as told, spend_warning(${tenantId}) as warning`)[0]).toEqual({
      told: 0,
      warning: null,
    });
    expect(await use(1)).toEqual({ told: 1, warning: 'day' });
    expect(await use(1)).toEqual({ told: 0, warning: 'day' });
    expect((await sidecar.post('/token', { person: owner, body: { tenant_id: tenantId } })).status).toBe(402);
    const soft = await mailsOf(tenantId);
    expect(soft.map(({ to }) => to).toSorted()).toEqual([owner.email, other.email].toSorted());
    expect(soft[0]?.text).toMatch(/Spent, Today \(UTC\): \$2\.00 of \$1\.00|\$2\.00 of \$1\.00/);
    await setRole(other, 'member');
    expect(await use(1)).toEqual({ told: 1, warning: 'day' });
    // Who does the billing no more gets none, though it was owed.
    expect((await mailsOf(tenantId)).map(({ to }) => to)).toEqual([owner.email, owner.email]);
    await giveTime(sql, tenantId, 60);
    const refused = await sidecar.post('/token', { person: owner, body: { tenant_id: tenantId } });
    expect(refused.body).toMatchObject({
      error: {
        code: 'spend_limit_reached',
        spend: { period: 'day', spent_micros: 6_000_000, hard_micros: 5_000_000, currency: 'usd' },
      },
    });
  });
});

describe('an invitation', () => {
  test('goes by mail, and lets in once, by the address that it was sent to', async () => {
    const { invitation } = invitationResponse.parse(
      (await invite(other.email.toUpperCase(), 'billing')).body,
    );
    expect(invitation).toMatchObject({ email: other.email, role: 'billing', status: 'waiting' });
    expect((await invite(other.email, 'member')).body).toMatchObject({
      invitation: { id: invitation.id, role: 'member' },
    });
    const [mail, ...more] = await mailsOf(invitation.id);
    expect(more).toEqual([]);
    expect(mail?.to).toBe(other.email);
    expect(mail?.text).toContain('“Acme”');
    const token = /https:\/\/mindbot\.example\/teams\/join#(\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
    const stored = await sidecar.database.sql`select t::text as row from tenant_invitations t
      union all select j::text from pgboss.job j where j.data ? 'invitation_id'`;
    expect(stored.filter(({ row }) => row.includes(token))).toEqual([]);
    const stranger = await sidecar.database.signUp();
    expect(codeOf(await join(token, stranger))).toBe('other_address');
    expect(codeOf(await join(`${token}x`, other))).toBe('not_found');
    expect((await join(token, other)).body).toMatchObject({ tenant: { id: tenantId, role: 'member' } });
    expect((await join(token, other)).status).toBe(200);
    await remove(other);
    expect(codeOf(await join(token, other))).toBe('invitation_over');
    expect(await mailsOf(invitation.id)).toEqual([]);
  });

  test('is over when it was taken back, has expired, or who is invited belongs already', async () => {
    const token = await tokenFor(other.email);
    const { sql } = sidecar.database;
    await sql`update tenant_invitations set expires_at = now() where tenant_id = ${tenantId}`;
    expect(codeOf(await join(token, other))).toBe('invitation_over');
    const { invitation } = invitationResponse.parse((await invite(other.email)).body);
    const again = await tokenFor(other.email);
    const path = `/tenants/${tenantId}/invitations/${invitation.id}`;
    expect(codeOf(await sidecar.delete(path, { person: other }))).toBe('not_found');
    expect((await sidecar.delete(path, { person: owner })).body).toMatchObject({
      invitation: { status: 'revoked' },
    });
    expect(codeOf(await join(again, other))).toBe('invitation_over');
    await add(other);
    expect(codeOf(await invite(other.email))).toBe('already_member');
    expect(codeOf(await invite('x@y.example', 'owner', other))).toBe('role_missing');
  });

  test('is not sent without end', async () => {
    const { sql } = sidecar.database;
    await sql`insert into tenant_invitations (tenant_id, email, role, token_hash, invited_by, expires_at, revoked_at)
      select ${tenantId}, ${other.email}, 'member', encode(sha256(convert_to(${tenantId} || n, 'UTF8')), 'hex'),
        ${owner.id}, now(), now() from generate_series(1, 5) n`;
    expect((await invite(other.email)).status).toBe(429);
    expect((await invite('x@y.example')).status).toBe(201);
  });
});

describe('somebody who is deleted leaves their tenants', () => {
  const deletion = (person: Person) =>
    sidecar.database.sql`select delete_account(${person.id}, 0) as answer`.then(([row]) => row?.answer);

  test('of which they are the last owner only after they handed them over or closed them', async () => {
    await add(other);
    expect(await deletion(owner)).toEqual({ status: 'last_owner', tenants: ['Acme'] });
    await setRole(other, 'owner');
    expect(await deletion(owner)).toMatchObject({ status: 'deleted' });
    expect((await membersOf(other)).map(({ user_id }) => user_id)).toEqual([other.id]);
  });

  test('and by an operator at once: then whoever does the billing owns it, or it is closed', async () => {
    const { sql } = sidecar.database;
    const third = await sidecar.database.signUp();
    await add(third);
    await add(other, 'billing');
    await sql`delete from auth.users where id = ${owner.id}`;
    expect((await membersOf(other)).map(({ role }) => role)).toEqual(['member', 'owner']);
    await sql`update auth.users set deleted_at = now() where id = ${other.id}`;
    expect((await membersOf(third)).map(({ role }) => role)).toEqual(['owner']);
    await sql`delete from auth.users where id = ${third.id}`;
    const [tenant] = await sql`select closed_at is not null as closed from tenants where id = ${tenantId}`;
    expect(tenant).toEqual({ closed: true });
    const kept = await sql`select email from tenant_invitations where tenant_id = ${tenantId}`;
    expect([...kept]).toEqual([]);
  });
});

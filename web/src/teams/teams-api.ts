import type {
  PlanOffer,
  StripePage,
  Subscription,
  TenantPlansResponse,
} from '../../../shared/api/subscriptions.ts';
import type { Invitation, Member, Role, Tenant } from '../../../shared/api/tenants.ts';
import type { UsageLimits, UsageRow } from '../../../shared/api/usage.ts';
import { type RequestOptions, request } from '../api/request.ts';

const DAY_MS = 86_400_000;
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** The routes about tenants, which the page calls teams. Every method throws ApiError. */
export function connectTeams(accessToken: () => Promise<string>) {
  const ask = async <T>(path: string, options: RequestOptions = {}) =>
    (await request(path, { ...options, accessToken: await accessToken() })) as T;
  const of = (id: string) => `/tenants/${encodeURIComponent(id)}`;
  return {
    list: async (signal: AbortSignal) => (await ask<{ tenants: Tenant[] }>('/tenants', { signal })).tenants,
    create: async (name: string, key: string) =>
      (
        await ask<{ tenant: Tenant }>('/tenants', {
          method: 'POST',
          body: { name },
          headers: { 'idempotency-key': key },
        })
      ).tenant,
    read: async (id: string, signal: AbortSignal) =>
      (await ask<{ tenant: Tenant }>(of(id), { signal })).tenant,
    join: async (token: string) =>
      (await ask<{ tenant: Tenant }>('/tenants/join', { method: 'POST', body: { token } })).tenant,

    members: async (id: string, signal: AbortSignal) =>
      (await ask<{ members: Member[] }>(`${of(id)}/members`, { signal })).members,
    changeRole: (id: string, userId: string, role: Role) =>
      ask(`${of(id)}/members/${userId}`, { method: 'PUT', body: { role } }),
    remove: (id: string, userId: string) => ask(`${of(id)}/members/${userId}`, { method: 'DELETE' }),
    invitations: async (id: string, signal: AbortSignal) =>
      (await ask<{ invitations: Invitation[] }>(`${of(id)}/invitations`, { signal })).invitations,
    invite: (id: string, email: string, role: Role) =>
      ask(`${of(id)}/invitations`, { method: 'POST', body: { email, role } }),
    revoke: (id: string, invitationId: string) =>
      ask(`${of(id)}/invitations/${invitationId}`, { method: 'DELETE' }),

    limits: (id: string, signal: AbortSignal) =>
      ask<UsageLimits>(`/usage/limits?tenant_id=${encodeURIComponent(id)}`, { signal }),
    plans: async (signal: AbortSignal): Promise<PlanOffer[]> =>
      (await ask<TenantPlansResponse>('/tenant-plans', { signal })).plans,
    subscription: async (id: string, signal: AbortSignal) =>
      (await ask<{ subscription: Subscription | null }>(`${of(id)}/subscription`, { signal })).subscription,
    subscribe: (id: string, planId: string, key: string) =>
      ask<StripePage>(`${of(id)}/subscription`, {
        method: 'POST',
        body: { plan_id: planId },
        headers: { 'idempotency-key': key },
      }),
    portal: (id: string) => ask<StripePage>(`${of(id)}/billing-portal`, { method: 'POST' }),

    /** Of the last 30 days up to today, in UTC. */
    async usage(id: string, by: 'day' | 'tool' | 'person', signal: AbortSignal): Promise<UsageRow[]> {
      const [from, to] = [dayOf(Date.now() - 29 * DAY_MS), dayOf(Date.now() + DAY_MS)];
      const query = new URLSearchParams({ tenant_id: id, from, to, by });
      return (await ask<{ rows: UsageRow[] }>(`/usage/summary?${query}`, { signal })).rows;
    },
  };
}

export type TeamsApi = ReturnType<typeof connectTeams>;

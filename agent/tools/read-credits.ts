import { z } from 'zod';
import { callFunction } from '../../shared/database/call-function.ts';
import type { CallContext } from './call-context.ts';

const left = z.object({ included: z.int(), used: z.int(), remaining: z.int(), overage: z.int() });
const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('ok'),
    scope: z.enum(['tenant', 'member']),
    credits: left,
    subscription: z.object({ plan_code: z.string() }).nullish(),
    so_far: z.object({ subtotal_cents: z.int(), currency: z.string() }).nullish(),
    forecast: z
      .object({ subtotal_cents: z.int(), currency: z.string(), chain: z.array(z.string()) })
      .nullish(),
  }),
  z.object({ status: z.literal('unknown_tenant') }),
]);
export type Credits = Extract<z.output<typeof answerSchema>, { status: 'ok' }>;

/**
 * Credits of the tenant that pays for the call, as far as the caller may know them; undefined where the person pays.
 * @throws Fault `database_unavailable`
 */
export async function readCredits({ database, userId, tenantId }: CallContext): Promise<Credits | undefined> {
  if (tenantId === undefined) return undefined;
  const args = { p_user_id: userId, p_tenant_id: tenantId, p_months: 1 };
  const answer = await callFunction(database, 'credit_summary', args, answerSchema);
  return answer.status === 'ok' ? answer : undefined;
}

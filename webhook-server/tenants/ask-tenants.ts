import type { z } from 'zod';
import { callFunction, type FunctionName } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { askerOf } from '../base/ask-function.ts';
import type { Dependencies } from '../base/dependencies.ts';

const REFUSALS = {
  unknown_tenant: ['not_found', 'You belong to no tenant with this id.'],
  unknown_member: ['not_found', 'Nobody with this id belongs to the tenant.'],
  unknown_key: ['not_found', 'There is no such key, or it holds no more.'],
  unknown_invitation: ['not_found', 'There is no such invitation.'],
  unknown_user: ['not_signed_in', 'This account does not exist any more. Sign up again.'],
  not_allowed: ['role_missing'],
  last_owner: ['last_owner'],
  already_member: ['already_member'],
  invitation_over: ['invitation_over'],
  other_address: ['other_address'],
  subscription_open: ['subscription_open'],
  key_reused: [
    'idempotency_key_reused',
    'This Idempotency-Key created a tenant that you left. Use a new key.',
  ],
  too_many_tenants: ['too_many_requests', 'You have 20 tenants. Close one of them first.'],
  too_many_keys: ['too_many_requests', 'So many keys hold already. Revoke one of them first.'],
  already_rotated: ['already_rotated'],
  too_many_invitations: ['too_many_requests', 'So many invitations go out in a day. Try again tomorrow.'],
  invalid_key: ['invalid_request', 'expires_at: must be in the future'],
  invalid_tenant: ['invalid_request'],
  invalid_role: ['invalid_request'],
  invalid_invitation: ['invalid_request'],
} as const;

/** Asks a function about tenants. */
export const askTenants = askerOf(REFUSALS);

/**
 * What a function answers to members only.
 * @throws Fault `not_found` where it answers null, `database_unavailable`
 */
export async function readForMembers<Answer extends z.ZodType>(
  { database }: Dependencies,
  name: FunctionName,
  args: Record<string, unknown>,
  answer: Answer,
): Promise<z.output<Answer>> {
  const found = await callFunction(database, name, args as never, answer.nullable());
  if (found === null) throw new Fault(...REFUSALS.unknown_tenant);
  return found as z.output<Answer>;
}

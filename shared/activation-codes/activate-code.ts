import { z } from 'zod';
import { callFunction } from '../database/call-function.ts';
import type { DatabaseClient } from '../database/client.ts';
import { Fault, type FaultCode } from '../errors.ts';

const giftWords = z.object({ message: z.string().nullable(), recipient_name: z.string().nullable() });

const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.enum(['activated', 'already_yours']),
    card_id: z.uuid(),
    gift: giftWords.nullish().transform((gift) => gift ?? null),
  }),
  z.object({
    status: z.enum([
      'unknown_code',
      'used',
      'own_code',
      'revoked',
      'too_many_attempts',
      'unknown_user',
      'unknown_tenant',
    ]),
  }),
]);

const REFUSALS = {
  unknown_code: 'unknown_code',
  used: 'code_used',
  own_code: 'own_code',
  revoked: 'code_revoked',
  too_many_attempts: 'too_many_attempts',
  unknown_user: 'not_signed_in',
  unknown_tenant: 'role_missing',
} as const satisfies Record<string, FaultCode>;

/** `repeated`: this person had activated it before, and nothing was added now. */
export type Activation = {
  cardId: string;
  repeated: boolean;
  gift: z.output<typeof giftWords> | null;
};

/**
 * Gives the card behind a code to a person. A repeat by the same person changes nothing and is no error.
 * @param attempt.tenantId gets the card, where the person is a member of it
 * @param attempt.codeHash of `hashActivationCode`
 * @param attempt.addressHash of `hashAddress`; null where nobody's address is known, as in a call
 * @param count told the outcome, for figures
 * @throws Fault `unknown_code`, `code_used`, `own_code`, `code_revoked`, `too_many_attempts`, `not_signed_in`, `role_missing`,
 *   `database_unavailable`
 */
export async function activateCode(
  client: DatabaseClient,
  attempt: { userId: string; tenantId?: string | undefined; codeHash: string; addressHash: string | null },
  count: (outcome: string) => void = () => {},
): Promise<Activation> {
  const { userId, tenantId, codeHash, addressHash } = attempt;
  const args = {
    p_user_id: userId,
    p_code_hash: codeHash,
    ...(addressHash !== null && { p_address_hash: addressHash }),
    ...(tenantId !== undefined && { p_tenant_id: tenantId }),
  };
  const answer = await callFunction(client, 'activate_time_card', args, answerSchema);
  count(answer.status);
  if (answer.status === 'activated' || answer.status === 'already_yours') {
    return { cardId: answer.card_id, repeated: answer.status === 'already_yours', gift: answer.gift };
  }
  throw new Fault(REFUSALS[answer.status]);
}

import { z } from 'zod';
import { type askForHelpRequest, supportRequestSchema } from '../../shared/api/support.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault, type FaultCode } from '../../shared/errors.ts';
import type { Dependencies } from '../base/dependencies.ts';

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('asked'), request: supportRequestSchema, replayed: z.boolean() }),
  z.object({
    status: z.enum(['unknown_subject', 'too_many_requests', 'key_reused', 'unknown_user', 'invalid_request']),
  }),
]);

const REFUSALS = {
  unknown_subject: ['not_found', 'You have no call, purchase or card with this id.'],
  too_many_requests: [
    'too_many_requests',
    'You asked five times within a day. We answer those first; ask again tomorrow.',
  ],
  key_reused: [
    'idempotency_key_reused',
    'This Idempotency-Key asked something else. Use a new key for a new question.',
  ],
  unknown_user: ['not_signed_in', 'This account does not exist any more. Sign up again.'],
  invalid_request: ['invalid_request'],
} as const satisfies Record<string, readonly [FaultCode, detail?: string]>;

/**
 * Asks for help, and tells whoever runs the service by mail. The same key asks once.
 * @throws Fault `not_found`, `too_many_requests`, `idempotency_key_reused`, `not_signed_in`, `database_unavailable`
 */
export async function askForHelp(
  { database }: Dependencies,
  question: z.output<typeof askForHelpRequest> & { userId: string; idempotencyKey: string },
) {
  const { userId, idempotencyKey, about, about_id, message } = question;
  const args = {
    p_user_id: userId,
    p_key: idempotencyKey,
    p_about: about,
    p_about_id: about_id ?? null,
    p_message: message,
  };
  // The generated types know no nullable arguments.
  const answer = await callFunction(database, 'ask_for_help', args as never, answerSchema);
  if (answer.status === 'asked') return { request: answer.request, replayed: answer.replayed };
  const [code, detail]: readonly [FaultCode, detail?: string] = REFUSALS[answer.status];
  throw new Fault(code, detail);
}

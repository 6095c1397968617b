import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  type DeletionRequest,
  type DeletionResponse,
  type DeletionTerms,
  deletionTermsResponse,
} from '../../shared/api/own-data.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { Fault } from '../../shared/errors.ts';
import { shortDuration } from '../../shared/units.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { closeRooms } from '../calls/close-rooms.ts';

/** A worker settles its call within a second or two of the end of its room. */
const CALLS_END_MS = 5_000;
const LOOK_AGAIN_MS = 250;

const termsSchema = z
  .object({
    ...deletionTermsResponse.omit({ needs_password: true }).shape,
    email: z.string().nullable(),
    has_password: z.boolean(),
  })
  .nullable();

async function readTerms({ database }: Dependencies, userId: string) {
  const terms = await callFunction(database, 'deletion_terms', { p_user_id: userId }, termsSchema);
  if (terms === null) throw new Fault('unknown_user');
  return terms;
}

/** What a person would lose with their account. @throws Fault `unknown_user`, `database_unavailable` */
export async function readDeletionTerms(deps: Dependencies, userId: string): Promise<DeletionTerms> {
  const { email: _, has_password: needs_password, ...terms } = await readTerms(deps, userId);
  return { ...terms, needs_password };
}

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('deleted'), forfeited_seconds: z.int() }),
  z.object({ status: z.literal('call_in_progress'), call_ids: z.array(z.uuid()) }),
  z.object({ status: z.literal('forfeit_not_agreed'), remaining_seconds: z.int() }),
  z.object({ status: z.literal('last_owner'), tenants: z.array(z.string()) }),
  z.object({ status: z.literal('unknown_user') }),
]);

type Deletion = DeletionRequest & { userId: string };

/** Ends the calls of a person and waits a moment for their settlement, which comes before anything is given up. */
async function deleteOnceCallsEnd(deps: Dependencies, { userId, forfeit_seconds }: Deletion) {
  const args = { p_user_id: userId, p_forfeit_seconds: forfeit_seconds };
  let closed = false;
  for (const endMs = performance.now() + CALLS_END_MS; ; await sleep(LOOK_AGAIN_MS)) {
    const answer = await callFunction(deps.database, 'delete_account', args, answerSchema);
    if (answer.status !== 'call_in_progress') return answer;
    if (!closed) await closeRooms(deps, answer.call_ids);
    closed = true;
    if (performance.now() > endMs) return answer;
  }
}

/**
 * Deletes a person's account for themselves, with proof that it is they who want it. What the books must keep stays, without
 * a name; cards kept at Stripe go by a job. The whole is one function of the database, so it is done or it is not.
 * @param checkPassword throws where it is wrong
 * @throws Fault `invalid_request`, `forbidden`, `too_many_requests`, `forfeit_not_agreed`, `last_owner`, `call_in_progress`, `unknown_user`,
 *   `database_unavailable`
 */
export async function deleteAccount(
  deps: Dependencies,
  deletion: Deletion,
  checkPassword: (claim: { userId: string; email: string; password: string }) => Promise<void>,
): Promise<DeletionResponse> {
  const { userId, email, password } = deletion;
  const terms = await readTerms(deps, userId);
  if (terms.email !== null && email.trim().toLowerCase() !== terms.email.toLowerCase()) {
    throw new Fault('invalid_request', 'email: is not the e-mail address of this account');
  }
  if (terms.email !== null && terms.has_password) {
    if (password === undefined) throw new Fault('invalid_request', 'password: is missing');
    await checkPassword({ userId, email: terms.email, password });
  }
  const answer = await deleteOnceCallsEnd(deps, deletion);
  switch (answer.status) {
    case 'deleted':
      deps.logger.info({ user_id: userId }, 'a person deleted their account');
      return answer;
    case 'forfeit_not_agreed':
      throw new Fault(
        'forfeit_not_agreed',
        `${shortDuration(answer.remaining_seconds)} are left and would be given up. Send forfeit_seconds: ${answer.remaining_seconds} to agree.`,
      );
    case 'call_in_progress':
      throw new Fault('call_in_progress', 'Your call is being ended. Try again in a minute.');
    case 'last_owner':
      throw new Fault(
        'last_owner',
        `Only you own ${answer.tenants.join(', ')}. Make somebody else an owner first, or close it.`,
      );
    case 'unknown_user':
      throw new Fault('unknown_user');
  }
}

import { hashActivationCode } from '../../../shared/activation-codes/keyed-hash.ts';
import { readActivationCode } from '../../../shared/activation-codes/read-code.ts';
import {
  actsResponse,
  boardNowResponse,
  boardPersonResponse,
  disputesResponse,
  findPeopleResponse,
} from '../../../shared/api/board-people.ts';
import { callFunction } from '../../../shared/database/call-function.ts';
import { Fault } from '../../../shared/errors.ts';
import type { Dependencies } from '../../base/dependencies.ts';

const once = { once: true };

/** People by what is known of them. @throws Fault `database_unavailable` */
export async function findPeople({ database, config }: Dependencies, text: string) {
  const code = readActivationCode(text);
  const args = {
    p_text: text,
    ...(code !== null && { p_code_hash: hashActivationCode(config.ACTIVATION_CODE_KEY, code) }),
  };
  return { people: await callFunction(database, 'find_people', args, findPeopleResponse.shape.people, once) };
}

/** All about a person. @throws Fault `not_found`, `database_unavailable` */
export async function readPerson({ database }: Dependencies, userId: string) {
  const person = boardPersonResponse.nullable();
  const found = await callFunction(database, 'board_person', { p_user_id: userId }, person, once);
  if (found === null) throw new Fault('not_found', 'There is no such person.');
  return found;
}

/** What goes on now. @throws Fault `database_unavailable` */
export function readNow({ database }: Dependencies) {
  return callFunction(database, 'board_now', {}, boardNowResponse.omit({ health: true }), once);
}

/** What operators did. @throws Fault `database_unavailable` */
export async function listActs(
  { database }: Dependencies,
  query: { before?: string | undefined; limit: number },
) {
  const args = { p_before: query.before ?? null, p_limit: query.limit };
  // The generated types know no nullable arguments.
  return {
    acts: await callFunction(database, 'list_operator_acts', args as never, actsResponse.shape.acts, once),
  };
}

/** Disputes with what speaks against them. @throws Fault `database_unavailable` */
export async function listDisputes(
  { database }: Dependencies,
  query: { status?: string | undefined; limit: number },
) {
  const args = { p_status: query.status ?? null, p_limit: query.limit };
  const { disputes } = disputesResponse.shape;
  return { disputes: await callFunction(database, 'board_disputes', args as never, disputes, once) };
}

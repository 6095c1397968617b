import { randomUUID } from 'node:crypto';
import { AccessToken, RoomAgentDispatch, RoomConfiguration, TrackSource } from 'livekit-server-sdk';
import { z } from 'zod';
import { hashAddress } from '../../shared/activation-codes/keyed-hash.ts';
import {
  AGENT_NAME,
  callerIdentity,
  callRoomName,
  type DispatchMetadata,
  type TokenResponse,
} from '../../shared/api/calls.ts';
import { callFunction } from '../../shared/database/call-function.ts';
import { databaseFault } from '../../shared/database/database-fault.ts';
import { Fault } from '../../shared/errors.ts';
import { mayCall, type WantedCall } from '../../shared/time/may-call.ts';
import type { Dependencies } from '../base/dependencies.ts';
import { spendFault } from '../usage/spend-fault.ts';
import { type LiveKitConfig, requireLiveKit } from './livekit-config.ts';

/**
 * For entering the room, which a client does at once; LiveKit then renews it by itself. A standard client
 * (`TokenSource.endpoint`) uses a token again until a minute before its end: with less than that, each call gets a new one,
 * also where its clock is behind by some seconds.
 */
const TOKEN_TTL_SECONDS = 50;
/** How long a room waits for its first participant. */
const EMPTY_TIMEOUT_SECONDS = 60;
/** How long a room waits for somebody to come back: longer than the worker's grace, which decides what is billed. */
const DEPARTURE_TIMEOUT_SECONDS = 60;
/** Caller and agent, and one place for a caller's new connection while the old one is still dying. */
const MAX_PARTICIPANTS = 3;

/** A token for the caller's place in the room of a call, which makes no room by itself. */
function placeOf(livekit: LiveKitConfig, userId: string, callId: string): AccessToken {
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, {
    identity: callerIdentity(userId),
    ttl: TOKEN_TTL_SECONDS,
  });
  token.addGrant({
    room: callRoomName(callId),
    roomJoin: true,
    canPublish: true,
    canPublishSources: [TrackSource.MICROPHONE],
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: false,
  });
  return token;
}

/**
 * A token for the room of a call, and the address of LiveKit.
 * @throws Fault `calls_unavailable`
 */
export async function signCallToken(
  config: Dependencies['config'],
  { userId, callId, tenantId }: Pick<WantedCall, 'userId' | 'callId' | 'tenantId'>,
): Promise<TokenResponse> {
  const livekit = requireLiveKit(config);
  const token = placeOf(livekit, userId, callId);
  const metadata: DispatchMetadata = {
    call_id: callId,
    user_id: userId,
    ...(tenantId !== undefined && { tenant_id: tenantId }),
  };
  token.roomConfig = new RoomConfiguration({
    name: callRoomName(callId),
    emptyTimeout: EMPTY_TIMEOUT_SECONDS,
    departureTimeout: DEPARTURE_TIMEOUT_SECONDS,
    maxParticipants: MAX_PARTICIPANTS,
    agents: [new RoomAgentDispatch({ agentName: AGENT_NAME, metadata: JSON.stringify(metadata) })],
  });
  return { server_url: livekit.url, participant_token: await token.toJwt() };
}

const counted = z.object({ status: z.enum(['taken', 'too_many_requests', 'unknown_user']) });

/**
 * Counts one more token, by person and by address, in the database: whoever asks and joins in a loop would keep others
 * waiting for a place.
 * @throws Fault `too_many_requests`, `not_signed_in`, `database_unavailable`
 */
async function countToken(deps: Dependencies, userId: string, callId: string, address: string) {
  const args = {
    p_user_id: userId,
    p_call_id: callId,
    p_address_hash: hashAddress(deps.config.ACTIVATION_CODE_KEY, address),
  };
  const { status } = await callFunction(deps.database, 'take_call_token', args, counted);
  if (status === 'unknown_user') throw new Fault('not_signed_in');
  if (status === 'too_many_requests') throw new Fault('too_many_requests');
}

/**
 * A token for a new call: for one room, whose name nobody but us can choose, with our agent in it.
 * @param address of the client, as `addressOf` answers it
 * @param tenantId whose time it uses, where the person is a member; without: their own
 * @throws Fault `calls_unavailable`, `too_many_calls`, `too_many_short_calls`, `no_time_left`, `not_signed_in`, `not_found`, `spend_limit_reached`,
 *   `too_many_requests`,
 *   `database_unavailable`
 */
export async function createCallToken(
  deps: Dependencies,
  userId: string,
  address: string,
  tenantId?: string,
): Promise<TokenResponse> {
  requireLiveKit(deps.config);
  const callId = randomUUID();
  const wanted = { callId, userId, tenantId, roomName: callRoomName(callId) };
  // A token for a call that cannot begin would only lead into an empty room. Whether it begins is decided with the call.
  const { status } = await mayCall(deps.database, wanted, deps.config.MAX_CALLS_PER_PERSON);
  if (status === 'unknown_tenant') throw new Fault('not_found', 'You belong to no tenant with this id.');
  if (status === 'spend_limit_reached' && tenantId !== undefined)
    throw await spendFault(deps.database, { userId, tenantId, now: deps.now() });
  if (status !== 'open') throw new Fault(status === 'unknown_user' ? 'not_signed_in' : status);
  await countToken(deps, userId, callId, address);
  return signCallToken(deps.config, wanted);
}

/**
 * A token for a call of theirs that runs already, such as on another device: the caller's place goes to whoever comes with
 * it, and nothing is begun.
 * @throws Fault `calls_unavailable`, `not_found`, `call_settled`, `call_mismatch`, `database_unavailable`
 */
export async function createPlaceToken(
  deps: Dependencies,
  userId: string,
  callId: string,
): Promise<TokenResponse> {
  const livekit = requireLiveKit(deps.config);
  const calls = deps.database.from('calls').select('status, room_name').eq('user_id', userId);
  const { data, error } = await calls.eq('id', callId).maybeSingle();
  if (error) throw databaseFault('calls', error);
  if (data === null) throw new Fault('not_found', 'You have no call with this id.');
  if (data.status !== 'open') throw new Fault('call_settled');
  // In a terminal, say: there is no room to come into.
  if (data.room_name !== callRoomName(callId)) throw new Fault('call_mismatch');
  return { server_url: livekit.url, participant_token: await placeOf(livekit, userId, callId).toJwt() };
}

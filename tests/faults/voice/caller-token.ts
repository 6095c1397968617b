import { AccessToken, RoomAgentDispatch, RoomConfiguration } from 'livekit-server-sdk';
import { AGENT_NAME, callerIdentity, callRoomName } from '../../../shared/api/calls.ts';

export const API_KEY = 'APIfaultmatrix';
export const API_SECRET = `faults${'x'.repeat(40)}`;

/** What lets a caller into the room of a new call, and calls the agent there. */
export async function callerToken(userId: string, callId: string): Promise<string> {
  const access = new AccessToken(API_KEY, API_SECRET, { identity: callerIdentity(userId), ttl: 600 });
  const name = callRoomName(callId);
  access.addGrant({ room: name, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true });
  const metadata = JSON.stringify({ call_id: callId, user_id: userId });
  access.roomConfig = new RoomConfiguration({
    name,
    agents: [new RoomAgentDispatch({ agentName: AGENT_NAME, metadata })],
  });
  return access.toJwt();
}

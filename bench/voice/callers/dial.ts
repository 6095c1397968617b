import { randomUUID } from 'node:crypto';
import { AccessToken, RoomAgentDispatch, RoomConfiguration } from 'livekit-server-sdk';
import { callerIdentity, callRoomName } from '../../../shared/api/calls.ts';
import type { Contender } from '../contenders.ts';
import type { VoiceStack } from '../stack.ts';
import { type BenchCaller, callIn } from './bench-caller.ts';

export type Dialled = BenchCaller & { callId: string };

/** Lets a person call an agent, with the token that the webhook server would give out. */
export async function dial(stack: VoiceStack, agent: Contender, userId: string): Promise<Dialled> {
  const { url, apiKey, apiSecret } = stack.livekit;
  const callId = randomUUID();
  const room = callRoomName(callId);
  const access = new AccessToken(apiKey, apiSecret, { identity: callerIdentity(userId), ttl: 3600 });
  access.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true });
  const metadata = JSON.stringify({ call_id: callId, user_id: userId });
  access.roomConfig = new RoomConfiguration({
    name: room,
    // A bare agent stays in the room until it is closed.
    departureTimeout: 1,
    agents: [new RoomAgentDispatch({ agentName: agent.agentName, metadata })],
  });
  return { callId, ...(await callIn(url, await access.toJwt())) };
}

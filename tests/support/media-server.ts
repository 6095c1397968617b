import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessToken, RoomAgentDispatch, RoomConfiguration, RoomServiceClient } from 'livekit-server-sdk';
import { freePort } from '../../local/free-port.ts';
import { findLiveKitServer } from '../../local/livekit/find-livekit-server.ts';
import { startLiveKitServer } from '../../local/livekit/start-livekit-server.ts';
import { AGENT_NAME, callerIdentity, callRoomName } from '../../shared/api/calls.ts';

export const LIVEKIT_KEYS = { apiKey: 'APIstandintest', apiSecret: `standin${'x'.repeat(40)}` };

/** What the product is told of the server. */
export const livekitVariables = (url: string) => ({
  LIVEKIT_URL: url,
  LIVEKIT_API_KEY: LIVEKIT_KEYS.apiKey,
  LIVEKIT_API_SECRET: LIVEKIT_KEYS.apiSecret,
});

/** Where a LiveKit server is, or null. */
export const mediaServerBinary = findLiveKitServer(process.env, process.env.MINDBOT_HOME || '.mindbot');

/** For a suite that is skipped without a LiveKit server. */
export const needsMediaServer = {
  meta: { skippedBecause: 'no livekit-server here. ./launch.sh setup finds or builds one.' },
};

function accessTo(room: string, identity: string): AccessToken {
  const access = new AccessToken(LIVEKIT_KEYS.apiKey, LIVEKIT_KEYS.apiSecret, { identity, ttl: 600 });
  access.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true, canPublishData: true });
  return access;
}

/** What lets somebody into a room, and calls no worker. */
export const memberToken = (room: string, identity: string): Promise<string> =>
  accessTo(room, identity).toJwt();

/** What lets a caller into the room of a new call, and calls the agent there. */
export async function callerToken(userId: string, callId: string): Promise<string> {
  const name = callRoomName(callId);
  const access = accessTo(name, callerIdentity(userId));
  const metadata = JSON.stringify({ call_id: callId, user_id: userId });
  access.roomConfig = new RoomConfiguration({
    name,
    agents: [new RoomAgentDispatch({ agentName: AGENT_NAME, metadata })],
  });
  return access.toJwt();
}

export type MediaServer = Awaited<ReturnType<typeof startMediaServer>>;

/** A real LiveKit server, which can be stopped and started again at its address. */
export async function startMediaServer(binary: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'mindbot-media-'));
  const port = await freePort();
  const start = () => startLiveKitServer({ binary, port, ...LIVEKIT_KEYS, dataDir });
  let livekit = await start();
  const { url } = livekit;
  return {
    url,
    rooms: new RoomServiceClient(url.replace(/^ws/, 'http'), LIVEKIT_KEYS.apiKey, LIVEKIT_KEYS.apiSecret),
    variables: livekitVariables(url),
    stop: () => livekit.stop(),
    async start(): Promise<void> {
      livekit = await start();
    },
    async close(): Promise<void> {
      await livekit.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

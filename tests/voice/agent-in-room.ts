import { randomUUID } from 'node:crypto';
import { Room } from '@livekit/rtc-node';
import { lookIntoRoom } from '../../agent/call/look-for-caller.ts';
import { roomLine } from '../../agent/call/room-line.ts';
import { createCall } from '../../agent/create-call.ts';
import { roomMedia } from '../../agent/room-media.ts';
import { callerIdentity, callRoomName } from '../../shared/api/calls.ts';
import { systemClock } from '../../shared/clock.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { createDatabaseClient } from '../../shared/database/client.ts';
import { createLogger } from '../../shared/logging.ts';
import { type MediaServer, memberToken } from '../support/media-server.ts';

/** The room of a new call, with the agent in it, which is in this process and so can be looked into. */
export async function openRoomWithAgent(media: MediaServer, callConfig: CallConfig, userId: string) {
  const config = { ...callConfig, ...media.variables };
  const callId = randomUUID();
  const roomName = callRoomName(callId);
  const identity = callerIdentity(userId);
  const room = new Room();
  const deleteRoom = () => media.rooms.deleteRoom(roomName);
  await room.connect(media.url, await memberToken(roomName, 'agent'), {
    autoSubscribe: true,
    dynacast: false,
  });
  return {
    callId,
    callerToken: () => memberToken(roomName, identity),
    deleteRoom,
    leave: () => room.disconnect(),
    /** The call, which does not run yet. */
    async createCall(watch: { lookEveryMs: number; deadLineMs: number }) {
      const logger = createLogger('call', 'error');
      const line = roomLine({ room, deleteRoom }, identity, {
        ...watch,
        look: lookIntoRoom(config, roomName, identity),
        clock: systemClock,
        logger,
      });
      const created = await createCall({
        config,
        ticket: { callId, userId, roomName },
        database: createDatabaseClient(config.SUPABASE_URL, config.SUPABASE_SERVICE_ROLE_KEY),
        line,
        media: {
          turnDetection: 'vad',
          attach: roomMedia(room, identity),
        },
        logger,
      });
      return { ...created, line };
    },
  };
}

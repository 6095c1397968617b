import type { SpeechModels } from '../../local/speech/models/models.ts';
import type { CallConfig } from '../../shared/config/variables.ts';
import { joinAsCaller } from '../agent/spoken-call.ts';
import { startMediaServer } from '../support/media-server.ts';
import { openRoomWithAgent } from './agent-in-room.ts';

/**
 * A media server for calls whose agent is in this process, and so can be looked into.
 * @param binary of the media server
 */
export async function startRoomCalls(binary: string, models: SpeechModels) {
  const media = await startMediaServer(binary);
  return {
    async startCall(config: CallConfig, userId: string) {
      const room = await openRoomWithAgent(media, config, userId);
      const { call, session } = await room.createCall({ lookEveryMs: 10_000, deadLineMs: 0 });
      const ended = call.run();
      const caller = await joinAsCaller(models, media.url, await room.callerToken());
      return {
        ...caller,
        callId: room.callId,
        session,
        async hangUp() {
          await caller.hangUp();
          const end = await ended;
          await room.leave();
          return end;
        },
      };
    },
    close: () => media.close(),
  };
}

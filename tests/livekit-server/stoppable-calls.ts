import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Presence } from '../../agent/call/line.ts';
import { until } from '../agent/worker-process.ts';
import { createTestDatabase } from '../support/database.ts';
import { startMediaServer } from '../support/media-server.ts';
import { signUpWith } from '../time/people.ts';
import { openRoomWithAgent } from '../voice/agent-in-room.ts';
import { startVoiceStack } from '../voice/voice-stack.ts';

const LONE_CALLER = fileURLToPath(new URL('../agent/lone-caller.ts', import.meta.url));

/**
 * A media server, a database and speech, for calls whose caller can be stopped.
 * @param binary of the media server
 */
export async function startStoppableCalls(
  binary: string,
  { deadLineMs, graceSeconds }: { deadLineMs: number; graceSeconds: number },
) {
  const [stack, db, media] = await Promise.all([
    startVoiceStack(),
    createTestDatabase(),
    startMediaServer(binary),
  ]);
  return {
    db,
    /** The agent in this process, whose clock is the test's, and a caller in another one, who can be stopped. */
    async startCall() {
      const config = stack.config(db, {
        RECONNECT_GRACE_SECONDS: String(graceSeconds),
        DEAD_LINE_MS: String(deadLineMs),
      });
      const room = await openRoomWithAgent(media, config, await signUpWith(db, 3600));
      const caller = spawn(process.execPath, [LONE_CALLER, media.url, await room.callerToken()], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(caller.stdout, 'data');
      const { call, session, line } = await room.createCall({ lookEveryMs: 1000, deadLineMs });
      const heard: { presence: Presence; atMs: number }[] = [];
      line.onPresence((presence) => heard.push({ presence, atMs: performance.now() }));
      const ended = call.run();
      const billedMs = () => (call.meter?.usedMs() ?? 0) - (call.meter?.restoredMs() ?? 0);
      const isSilent = () => session.agentState === 'listening';
      await until('the agent has spoken', () => billedMs() > 1000 && isSilent());
      // Before that the caller has come.
      heard.length = 0;
      return {
        callId: room.callId,
        session,
        ended,
        isSilent,
        heard,
        billedMs,
        stop: () => caller.kill('SIGSTOP'),
        goOn: () => caller.kill('SIGCONT'),
        removeRoom: room.deleteRoom,
        async close() {
          caller.kill('SIGKILL');
          await room.leave();
        },
      };
    },
    async close(): Promise<void> {
      await media.close();
      await stack.close();
      await db.close();
    },
  };
}

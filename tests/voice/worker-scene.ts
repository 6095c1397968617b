import { randomUUID } from 'node:crypto';
import { joinAsCaller } from '../agent/spoken-call.ts';
import { startWorker, until, workerVariables } from '../agent/worker-process.ts';
import { createTestDatabase } from '../support/database.ts';
import { callerToken, startMediaServer } from '../support/media-server.ts';
import { callOf, signUpWith } from '../time/people.ts';
import { startVoiceStack } from './voice-stack.ts';

export type WorkerScene = Awaited<ReturnType<typeof startWorkerScene>>;

/**
 * A worker in a process of its own, registered at a real media server, with a database and speech.
 * @param binary of the media server
 * @param variables of the worker, besides those of its servers
 */
export async function startWorkerScene(binary: string, variables: Record<string, string> = {}) {
  const [db, stack, media] = await Promise.all([
    createTestDatabase(),
    startVoiceStack(),
    startMediaServer(binary),
  ]);
  const worker = await startWorker({ ...workerVariables(media.variables, db, stack.speech), ...variables });
  const close = async (): Promise<void> => {
    await worker.kill();
    await media.close();
    await stack.close();
    await db.close();
  };
  try {
    await until('the worker is registered', async () => (await worker.health())?.status === 200);
  } catch (error) {
    await close();
    throw error;
  }
  const join = (token: string) => joinAsCaller(stack.models, media.url, token);
  const callRow = (callId: string) => callOf(db.sql, callId);
  return {
    db,
    media,
    worker,
    close,
    callOf: callRow,
    /** Somebody with an hour. */
    person: () => signUpWith(db, 3600),
    /** Comes into the room that a token is for. */
    join,
    /** A new call. */
    async callIn(userId: string) {
      const callId = randomUUID();
      return { callId, ...(await join(await callerToken(userId, callId))) };
    },
    settled: (callId: string) =>
      until('the call is settled', async () => {
        const call = await callRow(callId);
        return call?.status === 'settled' && call;
      }),
  };
}

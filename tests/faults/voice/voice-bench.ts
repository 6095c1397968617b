import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProject } from '../../../commands/basics/project.ts';
import { joinRoom } from '../../../local/caller/room-caller.ts';
import { freePort } from '../../../local/free-port.ts';
import { findLiveKitServer } from '../../../local/livekit/find-livekit-server.ts';
import { startLiveKitServer } from '../../../local/livekit/start-livekit-server.ts';
import { startSpeechServer } from '../../../local/speech/server.ts';
import { startWorker, workerVariables } from '../../agent/worker-process.ts';
import { callerToken, LIVEKIT_KEYS, livekitVariables } from '../../support/media-server.ts';
import { addPerson, giveTime } from '../../time/people.ts';
import { startReaper } from '../call-books.ts';
import { monotonicMs, PresenceClock } from '../presence-clock.ts';
import { childrenOf, killHard } from '../processes.ts';
import { atMost, eventually } from '../wait.ts';
import type { Sabotage, World } from '../world.ts';

/** The shortest that the worker takes. */
export const VOICE_SLICE_SECONDS = 5;
const REGISTERED_WITHIN_MS = 60_000;
const HEARD_WITHIN_MS = 30_000;
const HEARD_AGAIN_WITHIN_MS = 10_000;
/** Louder than this is speech. */
const LOUD = 500;

const binary = () => findLiveKitServer(process.env, findProject(process.env).home);

/** Why there are no calls by voice here. */
export const noLiveKit = (): string | undefined =>
  binary() === null ? 'no livekit-server here; ./launch.sh setup finds or builds one' : undefined;

/** The process of ours that runs this program. */
function own(program: string): number {
  const found = childrenOf(process.pid).find(({ command }) => command.includes(program));
  if (found === undefined) throw new Error(`no process of ours runs ${program}`);
  return found.pid;
}

/** A real media server, a real worker with its jobs, and callers with ears. */
export async function openVoiceBench(world: World, sabotage: Sabotage | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-faults-voice-'));
  const [database, speech, port, rtcUdpPort] = [
    await world.openDatabase(sabotage),
    await startSpeechServer({ deepgramApiKey: 'key', openaiApiKey: 'key' }),
    await freePort(),
    await freePort(),
  ];
  const reaper = startReaper(database.sql);
  const start = () =>
    startLiveKitServer({
      binary: binary() ?? '',
      port,
      rtcUdpPort,
      ...LIVEKIT_KEYS,
      dataDir: folder,
    });
  let livekit = await start();
  const hire = () =>
    startWorker({
      ...workerVariables(livekitVariables(livekit.url), database, speech),
      SLICE_SECONDS: String(VOICE_SLICE_SECONDS),
      LEASE_MARGIN_SECONDS: '1',
      RECONNECT_GRACE_SECONDS: '2',
    });
  let worker = await hire();
  const registered = async () => {
    const isUp = await eventually(async () => (await worker.health())?.status === 200, REGISTERED_WITHIN_MS);
    if (isUp === undefined) throw new Error(`the worker did not register:\n${worker.log()}`);
  };
  const close = async () => {
    await worker.kill();
    await livekit.stop();
    await speech.close();
    reaper.stop();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await registered();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    sql: database.sql,
    registered,
    worker: () => worker,
    /** The process of the worker, and those of its jobs. */
    family(): [worker: number, ...jobs: number[]] {
      const pid = own('agent/main.ts');
      return [pid, ...childrenOf(pid).map((one) => one.pid)];
    },
    /** Somebody calls, and hears the first word. */
    async callIn() {
      const userId = await addPerson(database.sql);
      await giveTime(database.sql, userId, 3600);
      const callId = randomUUID();
      const presence = new PresenceClock();
      const heard = Promise.withResolvers<true>();
      let gone: Promise<void> | undefined;
      let lastSoundAtMs = 0;
      const caller = await joinRoom(livekit.url, await callerToken(userId, callId), (samples) => {
        if (gone !== undefined || !samples.some((sample) => Math.abs(sample) > LOUD)) return;
        lastSoundAtMs = monotonicMs();
        presence.start(lastSoundAtMs);
        heard.resolve(true);
      });
      if ((await atMost(heard.promise, HEARD_WITHIN_MS)) === undefined) throw new Error('nothing was heard');
      return {
        callId,
        presence,
        /** Whether something is heard after a moment, within ten seconds of now. */
        hears: (afterMs: number) => eventually(async () => lastSoundAtMs > afterMs, HEARD_AGAIN_WITHIN_MS),
        async hangUp() {
          gone ??= caller.hangUp();
          await atMost(gone, 5000);
        },
      };
    },
    async hireAnother(): Promise<void> {
      worker = await hire();
    },
    /** Kills the media server, and starts it at the same address. */
    async restartLiveKit(): Promise<void> {
      killHard(own(binary() ?? ''));
      await livekit.exited;
      livekit = await start();
    },
    close,
  };
}

export type VoiceBench = Awaited<ReturnType<typeof openVoiceBench>>;

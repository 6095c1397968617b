import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { type LiveKitOptions, livekitConfig } from './livekit-config.ts';

export type LiveKitServer = {
  /** For clients and the agent: `ws://127.0.0.1:<port>`. */
  url: string;
  /** Settles when the program ends, asked or not, with how it ended. */
  exited: Promise<string>;
  stop(): Promise<void>;
};

const READY_WITHIN_MS = 15_000;
const STOP_STEP_MS = 1000;

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1000) });
    return response.ok;
  } catch {
    return false;
  }
}

/** The last thing a failed server wrote; its log holds no key. */
const lastWords = (log: string) => readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');

/**
 * Starts a LiveKit server on loopback and waits until it answers.
 * @param dataDir takes its log, `livekit-server.log`
 * @throws with its last words when it does not start
 */
export async function startLiveKitServer(
  options: Omit<LiveKitOptions, 'rtcUdpPort'> & {
    binary: string;
    dataDir: string;
    /** A free one unless given. */
    rtcUdpPort?: number;
  },
): Promise<LiveKitServer> {
  const { binary, dataDir, port } = options;
  // UDP has ports of its own: the number that is free for TCP is as good a guess as any.
  const rtcUdpPort = options.rtcUdpPort ?? (await freePort());
  mkdirSync(dataDir, { recursive: true });
  const log = join(dataDir, 'livekit-server.log');
  const output = openSync(log, 'w', 0o600);
  // By the environment, as arguments can be read by everybody on the machine.
  const env = { ...process.env, LIVEKIT_CONFIG: livekitConfig({ ...options, rtcUdpPort }) };
  const child = spawn(binary, [], { env, stdio: ['ignore', output, output] });
  closeSync(output);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `status ${code}`));
  });
  let ended: string | undefined;
  void exited.then((how) => {
    ended = how;
  });
  const stop = async () => {
    if (ended !== undefined) return;
    // At the first signal it waits for everybody to leave, at the second it does not.
    for (const signal of ['SIGINT', 'SIGINT', 'SIGKILL'] as const) {
      child.kill(signal);
      await Promise.race([exited, sleep(STOP_STEP_MS, undefined, { ref: false })]);
      if (ended !== undefined) return;
    }
    await exited;
  };
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await answers(port))) {
    if (ended !== undefined || performance.now() > deadline) {
      await stop();
      throw new Error(`livekit-server did not start (${ended ?? 'no answer'}):\n${lastWords(log)}`);
    }
    await sleep(50);
  }
  return { url: `ws://127.0.0.1:${port}`, exited, stop };
}

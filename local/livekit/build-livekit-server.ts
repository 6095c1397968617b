import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { findProgram } from '../find-program.ts';
import { cachedServer, LIVEKIT_VERSION, serverInHome } from './find-livekit-server.ts';

const PACKAGE = 'github.com/livekit/livekit-server/cmd/server';
const OLDEST_GO = [1, 26] as const;
const LONGEST_BUILD_MS = 15 * 60_000;

type Env = Readonly<Record<string, string | undefined>>;

const run = promisify(execFile);

/** Whether a Go of this version (as `go version` prints it) can build the server. */
export function canBuild(goVersion: string): boolean {
  const match = /go(\d+)\.(\d+)/.exec(goVersion);
  const [major, minor] = [Number(match?.[1]), Number(match?.[2])];
  return major > OLDEST_GO[0] || (major === OLDEST_GO[0] && minor >= OLDEST_GO[1]);
}

/** A Go that is new enough, or undefined. */
export async function findGo(env: Env): Promise<string | undefined> {
  const go = findProgram(['go'], env.PATH);
  if (go === undefined) return undefined;
  const version = await run(go, ['version'], { cwd: tmpdir() }).catch(() => ({ stdout: '' }));
  return canBuild(version.stdout) ? go : undefined;
}

function isWritable(folder: string | undefined): boolean {
  try {
    accessSync(folder ?? '', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Moves the built file into its place in one step, so that nobody ever runs half a server. */
function keep(built: string, target: string): string {
  mkdirSync(dirname(target), { recursive: true });
  const incoming = `${target}.${process.pid}`;
  copyFileSync(built, incoming);
  renameSync(incoming, target);
  return target;
}

/** Go's compilers do not end with it: they run in a group of their own, which is ended as a whole. */
async function compile(go: string, folder: string, env: Env, signal: AbortSignal): Promise<void> {
  const own = isWritable(env.HOME) ? {} : { GOPATH: join(folder, 'go'), GOCACHE: join(folder, 'cache') };
  const child = spawn(go, ['install', `${PACKAGE}@${LIVEKIT_VERSION}`], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...own, ...env, GOBIN: folder, GOFLAGS: '-modcacherw' },
  });
  const kill = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_BUILD_MS)]);
  limit.addEventListener('abort', kill);
  try {
    const [words, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    if (code !== 0) throw new Error(limit.aborted ? 'interrupted' : words.trim().split('\n').at(-1));
  } finally {
    limit.removeEventListener('abort', kill);
  }
}

/**
 * Builds the server from its published source, in about two minutes on two cores.
 * @param options.home the project's data folder, for users who cannot write to a cache folder
 * @returns the path of the program
 * @throws with the compiler's last words when it cannot be built
 */
export async function buildLiveKitServer(
  go: string,
  options: { env: Env; home: string; signal: AbortSignal },
): Promise<string> {
  const { env, home, signal } = options;
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-livekit-'));
  try {
    await compile(go, folder, env, signal);
    const built = join(folder, 'server');
    try {
      return keep(built, cachedServer(env));
    } catch {
      return keep(built, serverInHome(home));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

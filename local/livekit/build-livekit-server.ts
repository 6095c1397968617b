import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** Moves the built file into its place in one step, so that nobody ever runs half a server. */
function keep(built: string, target: string): string {
  mkdirSync(dirname(target), { recursive: true });
  const incoming = `${target}.${process.pid}`;
  copyFileSync(built, incoming);
  renameSync(incoming, target);
  return target;
}

/**
 * Builds the server from its published source, in about two minutes on two cores.
 * @param home the project's data folder, for users who cannot write to a cache folder
 * @returns the path of the program
 * @throws with the compiler's last words when it cannot be built
 */
export async function buildLiveKitServer(go: string, env: Env, home: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'mindbot-livekit-'));
  try {
    await run(go, ['install', `${PACKAGE}@${LIVEKIT_VERSION}`], {
      cwd: folder,
      timeout: LONGEST_BUILD_MS,
      maxBuffer: 50_000_000,
      env: { GOPATH: join(folder, 'go'), GOCACHE: join(folder, 'cache'), ...env, GOBIN: folder, GOFLAGS: '-modcacherw' },
    });
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

import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram, isExecutable } from '../find-program.ts';

/** The release that MindBot is tried with. */
export const LIVEKIT_VERSION = 'v1.13.5';

/** What LIVEKIT_SERVER_BINARY says to go without a media server. */
export const NO_SERVER = 'none';

type Env = Readonly<Record<string, string | undefined>>;

/** Where a built server is kept: per user, so that clones of the project share it. */
export function cachedServer(env: Env): string {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return join(cache, 'mindbot', `livekit-server-${LIVEKIT_VERSION}`);
}

/** Where it is kept when the user has no folder for caches, as system users do not. */
export const serverInHome = (home: string) => join(home, 'bin', 'livekit-server');

/**
 * A livekit-server on this machine, without building one.
 * @param env LIVEKIT_SERVER_BINARY (a path, or "none"), PATH, GOBIN, GOPATH, HOME, XDG_CACHE_HOME
 * @param home the project's data folder
 */
export function findLiveKitServer(env: Env, home: string): string | null {
  const chosen = env.LIVEKIT_SERVER_BINARY;
  if (chosen) return chosen !== NO_SERVER && isExecutable(chosen) ? chosen : null;
  const goFolders = [
    env.GOBIN,
    env.GOPATH && join(env.GOPATH, 'bin'),
    join(env.HOME || homedir(), 'go', 'bin'),
  ];
  const candidates = [
    findProgram(['livekit-server'], env.PATH),
    ...goFolders.map((folder) => folder && join(folder, 'livekit-server')),
    cachedServer(env),
    serverInHome(home),
  ];
  return candidates.find((file) => file && isExecutable(file)) || null;
}

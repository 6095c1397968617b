import { buildLiveKitServer, findGo } from './build-livekit-server.ts';
import { findLiveKitServer, LIVEKIT_VERSION, NO_SERVER } from './find-livekit-server.ts';

export type LiveKitServerSearch = { binary: string } | { binary: null; reason: string };

const HOW_TO_GET =
  `Get livekit-server ${LIVEKIT_VERSION} from https://docs.livekit.io/home/self-hosting/local/ ` +
  '(Homebrew, Docker or the installer), or install Go 1.26 or newer and it is built here, or set LIVEKIT_URL.';

/**
 * A LiveKit server for this machine: one that is there, or one built from source where Go is.
 * @param home the project's data folder
 * @param signal ends a build
 * @param onBuild told before a build begins, which takes about two minutes
 * @returns the program, or a sentence saying why there is none and how to get it
 */
export async function findOrBuildLiveKitServer(options: {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  signal: AbortSignal;
  onBuild(): void;
}): Promise<LiveKitServerSearch> {
  const { env, home, signal, onBuild } = options;
  const found = findLiveKitServer(env, home);
  if (found !== null) return { binary: found };
  const chosen = env.LIVEKIT_SERVER_BINARY;
  if (chosen === NO_SERVER) return { binary: null, reason: 'LIVEKIT_SERVER_BINARY=none switches it off.' };
  if (chosen) {
    return { binary: null, reason: `LIVEKIT_SERVER_BINARY names no program that can be run: ${chosen}` };
  }
  const go = await findGo(env);
  if (go === undefined) return { binary: null, reason: `There is none on this machine. ${HOW_TO_GET}` };
  onBuild();
  try {
    return { binary: await buildLiveKitServer(go, { env, home, signal }) };
  } catch (error) {
    signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    return { binary: null, reason: `It could not be built (${words}). ${HOW_TO_GET}` };
  }
}

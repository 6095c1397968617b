import { findChromium, HOW_TO_GET_CHROMIUM } from '../local/find-chromium.ts';
import { findOrBuildLiveKitServer } from '../local/livekit/find-or-build-livekit-server.ts';
import { done, note, type Reporter } from './basics/reporter.ts';

/**
 * Finds or builds the programs that are not npm packages, and says how to get what is missing.
 * @returns variables for those who use them
 */
export async function prepareTools(options: {
  home: string;
  report: Reporter;
  signal: AbortSignal;
}): Promise<{ LIVEKIT_SERVER_BINARY: string; CHROMIUM_BINARY?: string }> {
  const { home, report, signal } = options;
  const before = performance.now();
  const livekit = await findOrBuildLiveKitServer({
    env: process.env,
    home,
    signal,
    onBuild: () => report(note('Building the LiveKit server (about 2 minutes, once) ...')),
  });
  const chromium = findChromium(process.env);
  if (livekit.binary === null) report(note(`No LiveKit server. ${livekit.reason}`));
  else report(done('LiveKit server', performance.now() - before, livekit.binary));
  if (chromium === null) report(note(`No browser. ${HOW_TO_GET_CHROMIUM}`));
  else report(done('Browser', 0, chromium));
  return { LIVEKIT_SERVER_BINARY: livekit.binary ?? 'none', ...(chromium && { CHROMIUM_BINARY: chromium }) };
}

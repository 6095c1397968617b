import { findOrBuildLiveKitServer } from '../local/livekit/find-or-build-livekit-server.ts';
import { ROOT } from './basics/project.ts';
import { done, note, type Reporter } from './basics/reporter.ts';
import { choosePorts, DEFAULT_PORTS, neededPorts } from './configuration/choose-ports.ts';
import { chooseStandIns } from './configuration/choose-stand-ins.ts';
import { loadLocalKeys } from './configuration/local-keys.ts';
import { planDevelopment } from './configuration/plan-development.ts';
import type { Settings } from './configuration/settings.ts';
import { buildPage, isPageStale } from './page/build-page.ts';
import type { RunPlan } from './supervisor/service.ts';

type Options = { settings: Settings; home: string; report: Reporter; signal: AbortSignal };

async function preparePage({ home, report, signal }: Options): Promise<void> {
  if (!isPageStale(ROOT)) return;
  const before = performance.now();
  await buildPage(ROOT, home, signal);
  report(done('Page built', performance.now() - before));
}

/** @returns the server to run here, or null where none is wanted or to be had */
async function prepareLiveKit({ settings, home, report, signal }: Options): Promise<string | null> {
  if (settings.LIVEKIT_URL !== undefined) return null;
  const before = performance.now();
  let hasBuilt = false;
  const search = await findOrBuildLiveKitServer({
    env: settings,
    home,
    signal,
    onBuild() {
      hasBuilt = true;
      report(note('Building the LiveKit server (about 2 minutes, once) ...'));
    },
  });
  if (search.binary === null) {
    report(note(`No LiveKit server, so no calls in the browser; all else works. ${search.reason}`));
  } else if (hasBuilt) {
    report(done('LiveKit server built', performance.now() - before));
  }
  return search.binary;
}

/** Builds and finds what a development run needs, and says what it will start. */
export async function prepareDevelopment(options: Options): Promise<RunPlan> {
  const { settings, home, report } = options;
  const keys = loadLocalKeys(home);
  // A wrong configuration is told at once, not after two minutes of building.
  planDevelopment({ settings, keys, ports: DEFAULT_PORTS, home, livekitBinary: null });

  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const endTheOther = (error: unknown) => {
    failed.abort();
    throw error;
  };
  const [livekitBinary] = await Promise.all([
    prepareLiveKit({ ...options, signal }),
    preparePage({ ...options, signal }).catch(endTheOther),
  ]);
  const { ports, moved } = await choosePorts(
    neededPorts(chooseStandIns(settings), livekitBinary !== null),
    settings,
  );
  for (const { name, from, to } of moved) report(note(`Port ${from} (${name}) is taken: using ${to}.`));
  return planDevelopment({ settings, keys, ports, home, livekitBinary });
}

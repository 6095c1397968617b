import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseOptions } from './basics/parse-options.ts';
import { findProject, makeHome, ROOT } from './basics/project.ts';
import { addressLines, type Reporter } from './basics/reporter.ts';
import { planProduction, productionSettings } from './configuration/plan-production.ts';
import { readSettings } from './configuration/settings.ts';
import { buildPage, isPageStale } from './page/build-page.ts';
import { stopOnSignals } from './supervisor/end-process.ts';
import { keepRunning } from './supervisor/keep-running.ts';
import { takeRunLock } from './supervisor/lock-file.ts';
import type { RunPlan } from './supervisor/service.ts';

/** EX_CONFIG of sysexits.h: starting again without a change is of no use. */
const EXIT_CONFIG = 78;

// Standard output belongs to the services' own JSON lines.
const report: Reporter = (line) => console.error(line);

function planOrExit(settings: ReturnType<typeof productionSettings>): RunPlan {
  try {
    return planProduction(settings);
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    process.exit(EXIT_CONFIG);
  }
}

/** An image brings its page and no builder; a checkout brings the builder. */
async function preparePage(home: string, signal: AbortSignal): Promise<void> {
  const canBuild = existsSync(join(ROOT, 'node_modules', 'vite'));
  if (canBuild && isPageStale(ROOT)) await buildPage(ROOT, home, signal);
}

async function start(): Promise<number> {
  parseOptions({ options: {} });
  const { home, envFile } = findProject(process.env);
  const plan = planOrExit(productionSettings(readSettings(envFile, process.env)));
  makeHome(home);
  const lock = takeRunLock(home);
  if (lock === undefined) {
    report('MindBot runs already with this data folder (./launch.sh status).');
    return 1;
  }
  const stopSignal = stopOnSignals(home, () =>
    report('Stopping: calls in progress may end first. Ask again to end them now.'),
  );
  const status = await keepRunning({
    home,
    mode: 'production',
    report,
    stopSignal,
    async prepare(signal) {
      await preparePage(home, signal);
      return plan;
    },
    onUp: ({ addresses }) => {
      for (const line of ['MindBot is up.', ...addressLines(addresses)]) report(line);
    },
  });
  lock.release();
  return status;
}

try {
  process.exit(await start());
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

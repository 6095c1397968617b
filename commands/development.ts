import { readSettings } from './configuration/read-settings.ts';
import { reportTo } from './output/report-to.ts';
import { addressLines, note, type Reporter } from './output/reporter.ts';
import { prepareDevelopment } from './prepare-development.ts';
import { makeHome, type Project } from './project.ts';
import { acquireOrJoin } from './supervisor/acquire-or-join.ts';
import { keepRunning } from './supervisor/keep-running.ts';
import type { RunPlan } from './supervisor/run-plan.ts';
import { stopOnSignals } from './supervisor/stop-on-signals.ts';

const NEXT = [
  'Next: open the page, sign up, buy a package (test card 4242 4242 4242 4242, any date and CVC), and talk.',
  '      ./launch.sh demo   the whole story by itself      ./launch.sh talk   by text, here',
  '      ./launch.sh logs -f                               ./launch.sh stop   (from any terminal)',
];

function showAddresses(report: Reporter, addresses: RunPlan['addresses']): void {
  report('');
  for (const line of addressLines(addresses)) report(line);
  report('');
}

type Options = {
  project: Project;
  /** Takes each line for people. */
  show(line: string): void;
  /** Told when everything is up. */
  onUp?(): void;
  /** Works out what to start; tests bring services of their own. */
  prepare?: typeof prepareDevelopment;
};

/**
 * Starts everything here, or joins what runs already, and stays until it is stopped.
 * @returns the exit status
 */
export async function development(options: Options): Promise<number> {
  const { project, show, onUp, prepare = prepareDevelopment } = options;
  const { home } = project;
  makeHome(home);
  const report = reportTo(home, show);
  const right = await acquireOrJoin(home, () => report(note('Another start is under way: waiting for it.')));
  if ('state' in right) {
    report('MindBot runs already.');
    showAddresses(report, right.state.addresses);
    return 0;
  }
  const before = performance.now();
  const stopSignal = stopOnSignals(home, () => report('Stopping ...'));
  report('Starting MindBot');
  const status = await keepRunning({
    home,
    mode: 'development',
    report,
    stopSignal,
    prepare: (signal) =>
      prepare({ settings: readSettings(project.envFile, process.env), home, report, signal }),
    onUp({ addresses }) {
      report(`MindBot is up (${((performance.now() - before) / 1000).toFixed(1)} s).`);
      showAddresses(report, addresses);
      for (const line of NEXT) report(line);
      onUp?.();
    },
  });
  right.lock.release();
  report(status === 0 ? 'Stopped. Nothing is left running.' : 'Stopped after a failure.');
  return status;
}

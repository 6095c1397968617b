import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeHome, type Project } from './basics/project.ts';
import { addressLines, note, type Reporter } from './basics/reporter.ts';
import { readSettings } from './configuration/settings.ts';
import { prepareDevelopment } from './prepare-development.ts';
import { stopOnSignals } from './supervisor/end-process.ts';
import { keepRunning } from './supervisor/keep-running.ts';
import { type FileLock, takeRunLock } from './supervisor/lock-file.ts';
import { logFile, rotateLog } from './supervisor/log-file.ts';
import type { RunPlan } from './supervisor/service.ts';
import { type RunState, readLiveState } from './supervisor/state-file.ts';

const LOOK_EVERY_MS = 200;

/**
 * The right to run, or the run that is already there. Two starts at the same moment: one gets the lock, the
 * other waits here until the first is up (or has given up, and then takes its place).
 */
async function acquireOrJoin(
  home: string,
  onWait: () => void,
): Promise<{ lock: FileLock } | { state: RunState }> {
  for (let hasSaid = false; ; ) {
    const lock = takeRunLock(home);
    if (lock) return { lock };
    const state = readLiveState(home);
    if (state?.phase === 'running') return { state };
    if (!hasSaid) onWait();
    hasSaid = true;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Every line also goes to the supervisor's log, which is all there is once nobody watches. */
function reportTo(home: string, show: (line: string) => void): Reporter {
  const file = logFile(home, 'supervisor');
  rotateLog(file);
  return (line) => {
    show(line);
    appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
  };
}

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
    onUp({ addresses, notes = [] }) {
      report(`MindBot is up (${((performance.now() - before) / 1000).toFixed(1)} s).`);
      showAddresses(report, addresses);
      for (const line of notes) report(line);
      if (notes.length > 0) report('');
      for (const line of NEXT) report(line);
      onUp?.();
    },
  });
  right.lock.release();
  report(status === 0 ? 'Stopped. Nothing is left running.' : 'Stopped after a failure.');
  return status;
}

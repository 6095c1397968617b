import { isMainThread } from 'node:worker_threads';

// Loaded by `--import` into every service. A supervisor that is killed with -9 can tell nobody, so each service
// looks for itself: an orphan would hold its port and its files against the next start.

const CHECK_EVERY_MS = 500;
const GRACE_MS = 10_000;

const supervisor = Number(process.env.MINDBOT_SUPERVISOR_PID);

function endWhenOrphaned(): void {
  if (process.ppid === supervisor) return;
  clearInterval(timer);
  process.kill(process.pid, 'SIGTERM');
  // The service leads its process group: this takes along what it started.
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), GRACE_MS).unref();
}

// Processes that a service forks inherit `--import` too, but the supervisor is not their parent.
const isService = isMainThread && process.ppid === supervisor;
const timer = setInterval(endWhenOrphaned, CHECK_EVERY_MS).unref();
if (!isService) clearInterval(timer);

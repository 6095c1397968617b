import { parseOptions } from './basics/parse-options.ts';
import { findProject } from './basics/project.ts';
import { addressLines } from './basics/reporter.ts';
import { isAlive } from './supervisor/process-identity.ts';
import { type RunState, readLiveState } from './supervisor/state-file.ts';

function age(since: string, now: Date): string {
  const total = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000));
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${total} s`;
}

/**
 * The services of a run as lines in columns.
 * @param isAlive whether a service's process is there
 */
function statusTable(
  state: RunState,
  isAlive: (process: RunState['supervisor']) => boolean,
  now: Date,
): string[] {
  const rows = state.services.map((service) => [
    service.label,
    isAlive(service.process) ? (service.isReady ? 'running' : 'starting') : 'down',
    age(service.startedAt, now),
    String(service.process.pid),
    String(service.restarts),
    service.address ?? '',
  ]);
  const table = [['Service', 'State', 'For', 'Process', 'Restarts', 'Address'], ...rows];
  const width = (column: number) => Math.max(...table.map((row) => row[column]?.length ?? 0));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  );
}

/** @returns the exit status: 0 when it is up, 1 when it is not */
function printJson(state: RunState | undefined): number {
  const isUp = state?.phase === 'running' && state.status !== null;
  console.log(JSON.stringify(isUp ? state.status : { running: false }, null, 2));
  return isUp ? 0 : 1;
}

function printTable(state: RunState | undefined): number {
  if (state === undefined) {
    console.log('MindBot is not running. Start it with ./launch.sh dev');
    return 1;
  }
  console.log(`MindBot is ${state.phase} (${state.mode}, process ${state.supervisor.pid}).\n`);
  for (const line of statusTable(state, isAlive, new Date())) console.log(`  ${line}`);
  if (state.addresses.length > 0) console.log(`\n${addressLines(state.addresses).join('\n')}`);
  return state.phase === 'running' ? 0 : 1;
}

const { values } = parseOptions({ options: { json: { type: 'boolean' } } });
const state = readLiveState(findProject(process.env).home);
process.exitCode = values.json ? printJson(state) : printTable(state);

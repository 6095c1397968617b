import { addressLines } from './output/reporter.ts';
import { statusTable } from './output/status-table.ts';
import { parseOptions } from './parse-options.ts';
import { findProject } from './project.ts';
import { isAlive } from './supervisor/process-identity.ts';
import { type RunState, readLiveState } from './supervisor/state-file.ts';

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

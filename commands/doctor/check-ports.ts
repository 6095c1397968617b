import { choosePorts, neededPorts } from '../configuration/choose-ports.ts';
import { chooseStandIns } from '../configuration/choose-stand-ins.ts';
import type { Settings } from '../configuration/read-settings.ts';
import { type Finding, ok, worthKnowing } from './finding.ts';

/** Whether the usual ports are free; a taken one is no harm, as dev takes another. */
export async function checkPorts(settings: Settings, isRunning: boolean): Promise<Finding[]> {
  if (isRunning) return [ok('MindBot is running and holds its ports')];
  const standIns = chooseStandIns(settings);
  const { moved } = await choosePorts(neededPorts(standIns, standIns.media), settings);
  if (moved.length === 0) return [ok('All ports are free')];
  return moved.map(({ name, from }) =>
    worthKnowing(`Port ${from} (${name}) is taken: dev takes a free one instead`),
  );
}

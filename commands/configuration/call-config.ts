import { loadConfig } from '../../shared/config/load-config.ts';
import { type CallConfig, callVariables } from '../../shared/config/variables.ts';
import { readLiveState } from '../supervisor/state-file.ts';
import { DEFAULT_PORTS } from './choose-ports.ts';
import { chooseStandIns } from './choose-stand-ins.ts';
import { completeSettings } from './complete-settings.ts';
import { loadLocalKeys } from './local-keys.ts';
import type { Settings } from './settings.ts';

const portOf = (address: string, fallback: number) => Number(new URL(address).port || fallback);

/**
 * The configuration of a call held in this process, on the services that run now.
 * @param settings what is set in the environment and `.env`
 * @throws Error when nothing runs, ConfigurationError when a variable is wrong
 */
export function callConfig(home: string, settings: Settings): CallConfig {
  const state = readLiveState(home);
  if (!state?.status) throw new Error('Nothing runs here. Start it with ./launch.sh dev.');
  const speech = state.services.find((service) => service.name === 'speech')?.address;
  const ports = {
    ...DEFAULT_PORTS,
    sidecar: portOf(state.status.sidecar.url, DEFAULT_PORTS.sidecar),
    supabase: portOf(state.status.supabase.url, DEFAULT_PORTS.supabase),
    ...(speech !== undefined && { speech: portOf(speech, DEFAULT_PORTS.speech) }),
  };
  const complete = completeSettings({
    settings,
    standIns: chooseStandIns(settings),
    keys: loadLocalKeys(home),
    ports,
    hasLocalMedia: false,
  });
  return loadConfig(callVariables, { ...complete, LOG_LEVEL: 'error' });
}

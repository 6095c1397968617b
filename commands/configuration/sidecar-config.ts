import { ConfigurationError, loadConfig } from '../../shared/config/load-config.ts';
import { type SidecarConfig, sidecarVariables } from '../../shared/config/variables.ts';
import { findProject } from '../basics/project.ts';
import { readLiveState } from '../supervisor/state-file.ts';
import { DEFAULT_PORTS } from './choose-ports.ts';
import { chooseStandIns } from './choose-stand-ins.ts';
import { completeSettings } from './complete-settings.ts';
import { loadLocalKeys } from './local-keys.ts';
import { productionSettings } from './plan-production.ts';
import { readSettings, type Settings } from './settings.ts';

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

/** What the sidecar that runs here has, or else what is set. */
function settingsNow(): Settings {
  const { home, envFile } = findProject(process.env);
  const settings = readSettings(envFile, process.env);
  const state = readLiveState(home);
  if (state?.mode === 'production') return productionSettings(settings);
  if (!state?.status) return settings;
  const { supabase, stripe } = state.status;
  const portOf = (address: string, fallback: number) => Number(new URL(address).port || fallback);
  const ports = {
    ...DEFAULT_PORTS,
    supabase: portOf(supabase.url, DEFAULT_PORTS.supabase),
    stripe: portOf(stripe.api_url, DEFAULT_PORTS.stripe),
  };
  const standIns = chooseStandIns(settings);
  return completeSettings({ settings, standIns, keys: loadLocalKeys(home), ports, hasLocalMedia: false });
}

/** The configuration of the sidecar, for commands that do a part of its work. Ends the process where something is missing. */
export function sidecarConfigOrExit(): SidecarConfig {
  try {
    return loadConfig(sidecarVariables, { ...settingsNow(), LOG_LEVEL: 'silent' });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exit(EXIT_CONFIG);
  }
}

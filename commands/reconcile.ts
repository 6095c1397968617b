import { ConfigurationError, loadConfig } from '../shared/config/load-config.ts';
import { type SidecarConfig, sidecarVariables } from '../shared/config/variables.ts';
import { reconcileOnce } from '../webhook-server/payments/reconcile-once.ts';
import { parseOptions, wholeNumber } from './basics/parse-options.ts';
import { findProject } from './basics/project.ts';
import { DEFAULT_PORTS } from './configuration/choose-ports.ts';
import { chooseStandIns } from './configuration/choose-stand-ins.ts';
import { completeSettings } from './configuration/complete-settings.ts';
import { loadLocalKeys } from './configuration/local-keys.ts';
import { productionSettings } from './configuration/plan-production.ts';
import { readSettings, type Settings } from './configuration/settings.ts';
import { readLiveState } from './supervisor/state-file.ts';

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;
/** Stripe keeps events for so long. */
const DEFAULT_DAYS = 30;
const DAY_MS = 24 * 3600_000;

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

function configOrExit(): SidecarConfig {
  try {
    return loadConfig(sidecarVariables, { ...settingsNow(), LOG_LEVEL: 'silent' });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exit(EXIT_CONFIG);
  }
}

const { values } = parseOptions({ options: { days: { type: 'string' } } });
const days = wholeNumber('--days', values.days, { otherwise: DEFAULT_DAYS, max: 3650 });
const report = await reconcileOnce(configOrExit(), new Date(Date.now() - days * DAY_MS));
console.log(JSON.stringify(report, null, 2));
// For a schedule: not zero while there is something that a person has to look at.
const isWell = report.findings.length === 0 && report.failures === 0 && report.failed_events === null;
process.exitCode = isWell ? 0 : 1;

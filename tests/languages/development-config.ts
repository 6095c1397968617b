import { DEFAULT_PORTS } from '../../commands/configuration/choose-ports.ts';
import { chooseStandIns } from '../../commands/configuration/choose-stand-ins.ts';
import { completeSettings } from '../../commands/configuration/complete-settings.ts';
import { makeLocalKeys } from '../../commands/configuration/local-keys.ts';
import type { Settings } from '../../commands/configuration/settings.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { type CallConfig, callVariables } from '../../shared/config/variables.ts';

/** What a call is configured with in development where that is set. */
export function developmentConfig(settings: Settings): CallConfig {
  const complete = completeSettings({
    settings,
    standIns: chooseStandIns(settings),
    keys: makeLocalKeys(),
    ports: DEFAULT_PORTS,
    hasLocalMedia: true,
  });
  return loadConfig(callVariables, complete);
}

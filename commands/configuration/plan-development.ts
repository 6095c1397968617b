import { hasModel } from '../../local/language-model/models.ts';
import type { RunPlan } from '../supervisor/service.ts';
import type { Ports } from './choose-ports.ts';
import { chooseStandIns, MODEL_NOTES } from './choose-stand-ins.ts';
import { askedSettings, completeSettings, configurationProblems } from './complete-settings.ts';
import type { LocalKeys } from './local-keys.ts';
import { productServices, standInServices } from './services.ts';
import type { Settings } from './settings.ts';
import { addressesOf, statusDocument } from './status-document.ts';

/** In development nobody waits for a call to end. */
const LIMITS = { readyWithinMs: 120_000, sidecarGraceMs: 5000, agentGraceMs: 3000 };

/**
 * What a development run starts, from what is set and what is here.
 * @param livekitBinary the livekit-server to run where no LIVEKIT_URL is set, or null for none
 * @throws Error naming every problem of the configuration
 */
export function planDevelopment(options: {
  settings: Settings;
  keys: LocalKeys;
  ports: Ports;
  home: string;
  livekitBinary: string | null;
}): RunPlan {
  const { settings, keys, ports, home, livekitBinary } = options;
  if (settings.ENVIRONMENT === 'production') {
    throw new Error('ENVIRONMENT=production: dev is for development. Use ./launch.sh start, or unset it.');
  }
  const standIns = chooseStandIns(settings);
  const hasLocalMedia = standIns.media && livekitBinary !== null;
  const complete = completeSettings({ settings, standIns, keys, ports, hasLocalMedia });
  const asked = { ...complete, ...askedSettings(settings) };
  const problems = configurationProblems(asked, complete.LIVEKIT_URL !== undefined);
  if (standIns.llm && settings.OPENAI_MODEL !== undefined && !hasModel('chat', settings.OPENAI_MODEL)) {
    problems.push(
      `OPENAI_MODEL: is "${settings.OPENAI_MODEL}", which nobody here has; set OPENAI_BASE_URL to the server that has it, or OPENAI_API_KEY`,
    );
  }
  if (problems.length > 0) {
    const list = problems.map((text) => `\n    - ${text}`).join('');
    throw new Error(`The configuration is not usable (.env, explained in .env.example):${list}`);
  }
  const local = standInServices({ settings, standIns, keys, ports, home, livekitBinary });
  const product = productServices(
    complete,
    local.map(({ name }) => name),
    LIMITS,
  );
  const status = statusDocument(complete, standIns);
  return {
    mode: 'development',
    services: [...local, ...product],
    addresses: addressesOf(complete, status),
    status,
    notes: standIns.llm ? MODEL_NOTES : [],
  };
}

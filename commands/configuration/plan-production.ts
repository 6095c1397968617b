import type { RunPlan } from '../supervisor/service.ts';
import type { StandIns } from './choose-stand-ins.ts';
import { configurationProblems } from './complete-settings.ts';
import { productServices } from './services.ts';
import type { Settings } from './settings.ts';
import { addressesOf, statusDocument } from './status-document.ts';

/**
 * Whoever runs the container decides how long to wait: for a database that is away at the start, and for calls
 * that go on when it is asked to stop.
 */
const LIMITS = {
  readyWithinMs: Number.POSITIVE_INFINITY,
  sidecarGraceMs: 20_000,
  agentGraceMs: 2 * 3_600_000,
};

const NO_STAND_INS: StandIns = {
  database: false,
  stripe: false,
  stt: false,
  llm: false,
  tts: false,
  media: false,
  mail: false,
};

/** Settings of a production run: ENVIRONMENT is production unless it is set. */
export function productionSettings(settings: Settings): Settings {
  return { ENVIRONMENT: 'production', ...settings };
}

/**
 * What production runs here: the sidecar and the agent, with real services only.
 * @param settings from productionSettings()
 * @throws Error naming every problem of both processes
 */
export function planProduction(settings: Settings): RunPlan {
  const problems = configurationProblems(settings, true);
  if (problems.length > 0) {
    const list = problems.map((text) => `\n  - ${text}`).join('');
    throw new Error(
      `MindBot cannot start: the configuration is not usable.${list}\nEvery variable is explained in .env.example; ./launch.sh doctor says more.`,
    );
  }
  const status = statusDocument(settings, NO_STAND_INS);
  return {
    mode: 'production',
    services: productServices(settings, ['sidecar'], LIMITS),
    addresses: addressesOf(settings, status),
    status,
  };
}

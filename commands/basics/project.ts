import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds launch.sh. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where a run keeps its data, and where it reads its configuration. */
export type Project = {
  /** The ignored data folder: `.mindbot`, or MINDBOT_HOME. */
  home: string;
  /** `.env`, or MINDBOT_ENV_FILE. */
  envFile: string;
};

/** @param env the process's own environment */
export function findProject(env: NodeJS.ProcessEnv): Project {
  return {
    home: resolve(env.MINDBOT_HOME || join(ROOT, '.mindbot')),
    envFile: resolve(env.MINDBOT_ENV_FILE || join(ROOT, '.env')),
  };
}

/**
 * Makes the data folder, which holds keys and a database and so is for its owner only.
 * @throws when it belongs to somebody else
 */
export function makeHome(home: string): void {
  try {
    for (const folder of [home, join(home, 'run'), join(home, 'logs')]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
  } catch (cause) {
    throw new Error(`${home} cannot be written: run as its owner, or remove it (it holds local data only).`, {
      cause,
    });
  }
}

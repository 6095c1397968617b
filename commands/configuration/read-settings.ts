import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** Variables by name; none is empty. */
export type Settings = Readonly<Record<string, string>>;

function present(values: NodeJS.Dict<string>): Record<string, string> {
  const entries = Object.entries(values);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/**
 * What is configured: the `.env` file under the real environment, which wins. An empty variable counts as
 * not set in both, so that `OPENAI_API_KEY=` in a copied example means "none".
 */
export function readSettings(envFile: string, env: NodeJS.ProcessEnv): Settings {
  const file = existsSync(envFile) ? present(parseEnv(readFileSync(envFile, 'utf8'))) : {};
  return { ...file, ...present(env) };
}

import { type ParseArgsConfig, parseArgs } from 'node:util';

/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;

/** A sentence on what is wrong with the command line, and the end of the process. */
export function refuseOptions(message: string): never {
  console.error(`${message}\nSee ./launch.sh help`);
  process.exit(EXIT_USAGE);
}

/**
 * The number behind an option.
 * @param given as it was typed; undefined gives `otherwise`
 */
export function wholeNumber(
  option: string,
  given: string | undefined,
  { otherwise, min = 1, max }: { otherwise: number; min?: number; max: number },
): number {
  if (given === undefined) return otherwise;
  const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= min && number <= max) return number;
  return refuseOptions(`${option} is "${given}", and must be a whole number from ${min} to ${max}.`);
}

/** The command line of a command; a wrong one ends the process with a sentence and status 64. */
export function parseOptions<Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    return refuseOptions(error instanceof Error ? error.message : String(error));
  }
}

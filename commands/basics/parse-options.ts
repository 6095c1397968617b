import { type ParseArgsConfig, parseArgs } from 'node:util';

/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;

/** The command line of a command; a wrong one ends the process with a sentence and status 64. */
export function parseOptions<Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nSee ./launch.sh help`);
    process.exit(EXIT_USAGE);
  }
}

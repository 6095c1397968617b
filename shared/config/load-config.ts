import type { z } from 'zod';
import { productionProblems } from './production-problems.ts';

/** All that is wrong with the configuration, at once. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      [
        'The configuration is not usable:',
        ...problems.map((problem) => `  - ${problem}`),
        'Set these in .env (explained in .env.example), or run ./launch.sh doctor.',
      ].join('\n'),
    );
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/**
 * Reads a process's variables. An empty variable counts as not set.
 * @throws ConfigurationError naming every missing, malformed or forbidden variable, never a value
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(present);
  const problems = result.success
    ? []
    : result.error.issues.map((issue) => {
        const name = issue.path.join('.');
        return present[name] === undefined ? `${name}: is missing` : `${name}: ${issue.message}`;
      });
  if (present.ENVIRONMENT === 'production') {
    problems.push(...productionProblems(result.success ? result.data : present, present));
  }
  if (!result.success || problems.length > 0) throw new ConfigurationError([...new Set(problems)]);
  return result.data;
}

/** Loads the configuration of a process, or says on stderr what is wrong and ends it with status 78 (EX_CONFIG). */
export function loadConfigOrExit<Schema extends z.ZodObject>(schema: Schema): z.infer<Schema> {
  try {
    return loadConfig(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    process.exit(78);
  }
}

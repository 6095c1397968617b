import type { z } from 'zod';
import { chainProblems } from './chain-variables.ts';
import { productionProblems } from './production-problems.ts';
import { stripeProblems } from './stripe-problems.ts';

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

const LONGEST_SHOWN = 60;

/** Whether what was given may be shown: no key, and no address that may hold a password. */
function mayBeShown(name: string, value: string): boolean {
  if (/KEY|SECRET|PASSWORD|PRICES|DATABASE_URL|SMTP_URL|NODES|DSN/.test(name) || value.length > LONGEST_SHOWN)
    return false;
  // What is no address at all may be a key in the wrong line.
  return !name.endsWith('_URL') || /^[a-z]+:\/\/[^@?]*$/i.test(value);
}

function problemOf(name: string, value: string | undefined, message: string): string {
  if (value === undefined) return `${name}: is missing`;
  const given =
    message.startsWith('must') && mayBeShown(name, value) ? `is ${JSON.stringify(value)}, and ` : '';
  return `${name}: ${given}${message}`;
}

/** What is set, without white space around it; what is nothing else counts as not set. */
export function setVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(env).map(([name, value]): [string, string] => [name, value?.trim() ?? '']);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

/**
 * What a schema makes of variables, each problem in a sentence that begins with the variable's name, says what is
 * allowed, and what was given where that is no secret. An empty variable counts as not set.
 */
export function variableProblems<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): { data: z.infer<Schema> | undefined; problems: string[] } {
  const present = setVariables(env);
  const result = schema.safeParse(present);
  if (result.success) return { data: result.data, problems: [] };
  const problems = result.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return problemOf(name, present[name], message);
  });
  return { data: undefined, problems };
}

/**
 * Reads a process's variables.
 * @throws ConfigurationError naming every missing, malformed or forbidden variable, but never a secret
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  const present = setVariables(env);
  const { data, problems } = variableProblems(schema, present);
  problems.push(...stripeProblems(present), ...chainProblems(data));
  if (present.ENVIRONMENT === 'production') problems.push(...productionProblems(data ?? present, present));
  if (data === undefined || problems.length > 0) throw new ConfigurationError([...new Set(problems)]);
  return data;
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

import type { z } from 'zod';
import { variableProblems } from '../shared/config/load-config.ts';

/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

/** What a stand-in was started with, or a sentence on stderr for each variable that is wrong, and the end. */
export function readVariablesOrExit<Schema extends z.ZodObject>(schema: Schema): z.infer<Schema> {
  const { data, problems } = variableProblems(schema, process.env);
  if (data !== undefined) return data;
  for (const problem of problems) console.error(problem);
  process.exit(EXIT_CONFIG);
}

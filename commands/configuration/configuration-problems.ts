import type { z } from 'zod';
import { ConfigurationError, loadConfig } from '../../shared/config/load-config.ts';
import { agentVariables, sidecarVariables } from '../../shared/config/variables.ts';
import type { Settings } from './read-settings.ts';

function problemsOf(schema: z.ZodObject, settings: Settings): readonly string[] {
  try {
    loadConfig(schema, settings);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

/**
 * All that is wrong with the configuration of both processes, at once, each problem once.
 * @param settings the configuration as both would get it
 * @param hasAgent false where no agent will run, because there is no media server
 * @returns sentences that begin with the variable's name and never hold its value
 */
export function configurationProblems(settings: Settings, hasAgent: boolean): string[] {
  const problems = [
    ...problemsOf(sidecarVariables, settings),
    ...(hasAgent ? problemsOf(agentVariables, settings) : []),
  ];
  const missing = problems.filter((problem) => problem.endsWith(': is missing'));
  const repeated = missing.map((problem) => problem.replace('missing', 'required in production'));
  return [...new Set(problems)].filter((problem) => !repeated.includes(problem)).sort();
}

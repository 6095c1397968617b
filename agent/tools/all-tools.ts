import { readdirSync } from 'node:fs';
import type { AgentKind, Tool } from './define-tool.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted();

/** Every tool there is: one for each folder beside this file. */
export const TOOLS: readonly Tool[] = await Promise.all(
  folders.map(async (folder) => ((await import(`./${folder}/tool.ts`)) as { default: Tool }).default),
);

/** The tools that an agent gets, as the framework wants them. */
export const toolsFor = (agent: AgentKind): Tool['forModel'][] =>
  TOOLS.filter((tool) => tool.isOffered(agent)).map(({ forModel }) => forModel);

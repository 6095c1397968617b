import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../basics/project.ts';
import type { StatusDocument } from '../supervisor/state-file.ts';
import { readLiveState } from '../supervisor/state-file.ts';

export type Stack = {
  home: string;
  status: StatusDocument;
  stop(): Promise<void>;
};

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const script = join(ROOT, 'commands', `${command}.ts`);
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ended with status ${code}.`);
}

/**
 * Starts a stack of stand-ins only, in a data folder of its own: a demo neither needs a key nor ever
 * touches a real account, whatever `.env` says.
 * @param variables settings that it has beside its own
 */
export async function startStack(home: string, variables: Record<string, string> = {}): Promise<Stack> {
  const { PATH, HOME, LANG, TERM, NODE_ENV, LIVEKIT_SERVER_BINARY } = process.env;
  const env = {
    ...variables,
    PATH,
    HOME,
    LANG,
    TERM,
    NODE_ENV,
    LIVEKIT_SERVER_BINARY,
    MINDBOT_HOME: home,
    MINDBOT_ENV_FILE: '/dev/null',
  };
  await run('dev', ['--detach'], env);
  const state = readLiveState(home);
  if (!state?.status) throw new Error('The local services did not start: see ./launch.sh doctor.');
  return { home, status: state.status, stop: () => run('stop', [], env) };
}

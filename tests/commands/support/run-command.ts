import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../../commands/basics/project.ts';

type Ended = { status: number | null; stdout: string; stderr: string; output: string };

export type RunningCommand = {
  pid: number;
  ended: Promise<Ended>;
  /** Settles when the output so far matches. */
  until(pattern: RegExp): Promise<string>;
};

/** The environment of a person who has set nothing of MindBot's. */
export function plainEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), MINDBOT_ENV_FILE: '/dev/null', ...extra };
}

export function startProgram(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd?: string,
): RunningCommand {
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr, output] = ['', '', ''];
  const watchers = new Set<() => void>();
  const take = (isError: boolean) => (chunk: Buffer) => {
    const text = chunk.toString();
    output += text;
    if (isError) stderr += text;
    else stdout += text;
    for (const watcher of watchers) watcher();
  };
  child.stdout.on('data', take(false));
  child.stderr.on('data', take(true));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr, output }));
  });
  return {
    pid: child.pid ?? -1,
    ended,
    until(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(output)) return;
          watchers.delete(look);
          resolve(output);
        };
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without ${pattern}:\n${output}`)));
      });
    },
  };
}

/** Runs commands/<command>.ts, as launch.sh does. */
export function startCommand(
  command: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): RunningCommand {
  const file = join(ROOT, 'commands', `${command}.ts`);
  return startProgram(process.execPath, [file, ...args], plainEnvironment(env));
}

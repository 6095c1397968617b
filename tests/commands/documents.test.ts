import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../../commands/basics/project.ts';
import { findProgram } from '../../local/find-program.ts';
import {
  type Documented,
  documentedCommands,
  documents,
  readDocument,
  toldCommands,
} from './support/documents.ts';

const run = promisify(execFile);
const scripts = (JSON.parse(readDocument('package.json')) as { scripts: Record<string, string> }).scripts;
const launcher = readDocument('launch.sh');
const usage = /<<'USAGE'\n([\s\S]*?)\nUSAGE/.exec(launcher)?.[1] ?? '';

/** Words of a command, a quoted one as one; without variables set before it. */
function wordsOf(command: string): string[] {
  const words = command.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word)));
}
const flagsOf = (words: readonly string[]) =>
  words.flatMap((word) => /^--?[a-z][\w-]*/i.exec(word)?.[0] ?? []);

/** What programs take that are no part of the project, where they are not asked themselves. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'docker build': ['-t'],
  'docker run': ['--env-file', '-p'],
  'docker stop': ['--timeout'],
  'stripe listen': ['--forward-to'],
};

const help = new Map<string, Promise<string>>();
/** What the pinned command line of Supabase says of a command of its own. */
function supabaseHelp(command: string): Promise<string> {
  const known = help.get(command);
  if (known !== undefined) return known;
  const asked = run(join(ROOT, 'node_modules/.bin/supabase'), [...command.split(' '), '--help'], {
    env: { ...process.env, DO_NOT_TRACK: '1' },
  }).then(({ stdout, stderr }) => stdout + stderr);
  help.set(command, asked);
  return asked;
}

async function supabaseProblem(words: readonly string[]): Promise<string | null> {
  const from = words.findIndex((word) => word.startsWith('-'));
  const command = words.slice(0, from < 0 ? undefined : from).filter((word) => /^[a-z-]+$/.test(word));
  const text = await supabaseHelp(command.join(' '));
  if (!text.includes(`supabase ${command.join(' ')} [flags]`)) return 'the pinned tool has no such command';
  const flags = flagsOf(words);
  const unknown = flags.find((flag) => !new RegExp(`^ {2}${flag}\\b`, 'm').test(text));
  if (unknown !== undefined) return `the pinned tool has no ${unknown}`;
  // A project of somebody's is what documents speak of; a stack on this machine is not needed here at all.
  const isLocal = /local by default/i.test(text) && !flags.includes('--remote');
  return isLocal ? 'would look for a stack on this machine: say --remote' : null;
}

function launchProblem([name = '', ...rest]: readonly string[]): string | null {
  if (!new RegExp(`^ {2}${name}\\b`, 'm').test(usage)) return 'launch.sh has no such command';
  const line = new RegExp(`^ {2}${name}\\b.*$`, 'm').exec(usage)?.[0] ?? '';
  const unknown = flagsOf(rest).find((flag) => !line.includes(flag));
  return unknown === undefined ? null : `launch.sh does not speak of ${unknown}`;
}

function fileProblem(file: string, rest: readonly string[]): string | null {
  // A place for the name of one.
  if (file.startsWith('<')) return null;
  if (!existsSync(join(ROOT, file))) return `there is no ${file}`;
  const text = readDocument(file);
  const unknown = flagsOf(rest).find(
    (flag) => !new RegExp(`['"]?\\b${flag.replace(/^-+/, '')}['"]?: `).test(text),
  );
  return unknown === undefined ? null : `${file} knows no ${unknown}`;
}

const pathsProblem = (words: readonly string[]) => {
  const lost = words.find((word) => word.startsWith('tests/') && !existsSync(join(ROOT, word)));
  return lost === undefined ? null : `there is no ${lost}`;
};

function npmProblem([verb, script = '', ...rest]: readonly string[]): string | null {
  // tests/sdk packs what is packed, in the long run.
  if (verb === 'pack' && script === '') return null;
  if (verb !== 'run') return 'is no script of ours';
  const line = scripts[script];
  if (line === undefined) return `package.json has no script "${script}"`;
  const file = /node (\S+\.ts)/.exec(line)?.[1];
  return file === undefined ? pathsProblem(rest) : fileProblem(file, rest);
}

function npxProblem([program = '', ...rest]: readonly string[]): Promise<string | null> | string | null {
  if (!existsSync(join(ROOT, 'node_modules/.bin', program))) return `no package of ours brings ${program}`;
  if (program === 'supabase') return supabaseProblem(rest);
  if (program === 'node') return fileProblem(rest[0] ?? '', rest.slice(1));
  return pathsProblem(rest);
}

async function curlProblem(words: readonly string[]): Promise<string | null> {
  if (findProgram(['curl']) === undefined) return null;
  const { stdout } = await run('curl', ['--help', 'all']);
  const unknown = flagsOf(words).find((flag) => !new RegExp(`^\\s+(?:-\\w, )?${flag}\\b`, 'm').test(stdout));
  return unknown === undefined ? null : `curl has no ${unknown}`;
}

async function opensslProblem(words: readonly string[]): Promise<string | null> {
  if (findProgram(['openssl']) === undefined) return null;
  const { stdout } = await run('openssl', words);
  return /^[\da-f]{64}\s*$/.test(stdout) ? null : 'gives no key';
}

async function problemOf(command: string): Promise<string | null> {
  const [program = '', ...rest] = wordsOf(command);
  switch (program) {
    case './launch.sh':
      return launchProblem(rest);
    case 'npm':
      return npmProblem(rest);
    case 'npx':
      return npxProblem(rest);
    case 'supabase':
      return supabaseProblem(rest);
    case 'curl':
      return curlProblem(rest);
    case 'openssl':
      return opensslProblem(rest);
    case 'cp':
      return existsSync(join(ROOT, rest[0] ?? '')) ? null : `there is no ${rest[0]}`;
    case 'git':
      return null;
    default: {
      const known = OTHERS[`${program} ${rest[0]}`];
      if (known === undefined) return 'nobody knows whether this works: say it here, or type it with npx';
      return flagsOf(rest).every((flag) => known.includes(flag))
        ? null
        : 'has a flag that nobody has looked up';
    }
  }
}

async function problemsOf(all: readonly Documented[]): Promise<string[]> {
  const found = await Promise.all(
    all.map(async ({ command, where }) => {
      const problem = await problemOf(command).catch((error: unknown) => String(error).split('\n')[0] ?? '');
      return problem === null ? [] : [`${where}: "${command}" ${problem}`];
    }),
  );
  return [...new Set(found.flat())];
}

test('every command in a document works, by the word of the tool that it calls', async () => {
  const all = documentedCommands();
  expect(all.length).toBeGreaterThan(100);
  expect(await problemsOf(all)).toEqual([]);
});

test('and so does every command that the program tells to type', async () => {
  const all = toldCommands();
  expect(all.length).toBeGreaterThan(20);
  expect(await problemsOf(all)).toEqual([]);
});

test.each([
  ['npx supabase db push', 'say --remote'],
  ['npx supabase db push --linked', 'has no --linked'],
  ['npx supabase db upload --remote', ''],
  ['./launch.sh restart', 'no such command'],
  ['./launch.sh status --watch', 'does not speak of --watch'],
  ['npm run tests', 'no script "tests"'],
  ['npm run soak -- --count 3', 'knows no --count'],
  ['node bench/main.ts', 'type it with npx'],
  ['npx node bench/gone.ts', 'there is no bench/gone.ts'],
  ['npx vitest run tests/gone', 'there is no tests/gone'],
  ['curl --nonsense https://your-host', 'has no --nonsense'],
])('the check finds what does not work: %s', async (command, words) => {
  const [problem, ...others] = await problemsOf([{ command, where: 'here' }]);
  expect(problem).toContain(words);
  expect(problem).toBeDefined();
  expect(others).toEqual([]);
});

test('every route that a document names is one of the API', () => {
  const described = JSON.parse(readDocument('docs/openapi.json')) as { paths: Record<string, object> };
  const shape = (path: string) => path.replace(/<[^>]+>|\{[^}]+\}|:[a-z_]+/g, '*');
  const known = new Set(
    Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${shape(path)}`),
    ),
  );
  // Of the agent, of the stand-ins and of what others serve.
  const elsewhere = /^(?:GET|POST|PUT|DELETE) \/(?:v1|_|health|metrics|$)/;
  const named = documents()
    .filter((file) => !file.startsWith('local/'))
    .flatMap((file) =>
      [...readDocument(file).matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^\s`?]*)/g)].map(
        ([, method, path]) => ({
          file,
          route: `${method} ${shape(path ?? '')}`,
        }),
      ),
    );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ route }) => !known.has(route) && !elsewhere.test(route))).toEqual([]);
});

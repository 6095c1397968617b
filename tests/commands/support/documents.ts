import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../commands/basics/project.ts';

/** A command that somebody is told to type, and where. */
export type Documented = { command: string; where: string };

const tracked = () =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n');

export const readDocument = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Every document that people read, and the example of a configuration. */
export const documents = (): string[] =>
  tracked().filter((file) => file.endsWith('.md') || file === '.env.example' || file.endsWith('config.toml'));

/** Programs that a span of code may begin with, after variables set for it. */
const PROGRAMS = [
  './launch.sh',
  'npm',
  'npx',
  'node',
  'docker',
  'curl',
  'stripe',
  'supabase',
  'openssl',
  'cp',
  'chmod',
  'git',
  'vitest',
  'psql',
];
const isCommand = (text: string) => {
  const words = text.trim().split(/\s+/);
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  return words.length > first + 1 && PROGRAMS.includes(words[first] ?? '');
};

const joinLines = (text: string) => text.replace(/\\\n\s*/g, ' ');
/** What a `#` or three spaces set off says what a command is for. */
const withoutRemark = (line: string) =>
  line
    .trim()
    .replace(/\s+#.*$/, '')
    .replace(/ {3,}\S.*$/, '');

/** Blocks of commands: fenced ones of a shell or of no language. */
function blocksOf(text: string): string[] {
  return [...text.matchAll(/^(?:```(?:sh|bash|shell|console)?\n([\s\S]*?)^```|(?: {4}[^\n]*\n)+)/gm)].map(
    ([all, fenced]) => fenced ?? all,
  );
}

/** Every command in the documents: in blocks, in spans of code, and in the comments of the example. */
export function documentedCommands(): Documented[] {
  return documents().flatMap((file) => {
    const text = joinLines(readDocument(file));
    const lines = blocksOf(text).flatMap((block) => block.split('\n'));
    const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');
    // In comments commands stand in the middle of a sentence.
    const said = file.endsWith('.md')
      ? []
      : [...text.matchAll(/(?:npx |\.\/launch\.sh |openssl |stripe listen |cp \.env)[^,;:)\n`]*/g)].map(
          ([one]) => one.replace(/\.?\s*(?:\.|&&.*)?$/, ''),
        );
    return [...lines.map(withoutRemark), ...spans, ...said]
      .filter(isCommand)
      .map((command) => ({ command: command.trim(), where: file }));
  });
}

/** What is told to type in messages of the program itself. */
export function toldCommands(): Documented[] {
  const files = tracked().filter((file) =>
    /^(?:commands|local|shared|webhook-server|agent)\/.*\.ts$/.test(file),
  );
  return files.flatMap((file) =>
    [
      ...readDocument(file).matchAll(
        /((?:npx )?supabase (?:link|db|config)(?: [a-z-][\w-]*(?:=\S+)?)*|npm run [\w:]+|\.\/launch\.sh [a-z]+|(?:npx )?node [a-z-]+\/\S+\.ts)/g,
      ),
    ].map(([, command]) => ({
      command: command ?? '',
      where: file,
    })),
  );
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../commands/basics/project.ts';
import { startProgram } from './support/run-command.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** What the command says of a checkout with these files: path and text. */
async function structureOf(files: Record<string, string>) {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const command = [join(ROOT, 'commands', 'structure.ts'), root];
  const { status, stdout } = await startProgram(process.execPath, command, {}, ROOT).ended;
  return { status, lines: stdout.trimEnd().split('\n') };
}

test('a tree whose imports all go down', async () => {
  const { status, lines } = await structureOf({
    'agent/main.ts': "import { call } from './call/call.ts';\ncall();\n",
    'agent/call/call.ts': "import {\n  now,\n} from '../../shared/clock.ts';\nexport const call = now;\n",
    'agent/call/call.test.ts': "import '../main.ts';\n",
    'shared/clock.ts': 'export const now = Date.now;\n',
  });
  expect(status).toBe(0);
  expect(lines.at(-1)).toBe('0 two-way folder pairs, 0 arrows up');
  expect(lines.map((line) => line.split(/\s+/))).toContainEqual(['agent', '2', '6', '3']);
});

test('folders that import each other', async () => {
  const { status, lines } = await structureOf({
    'agent/call/call.ts': "import '../tools/tool.ts';\nimport '../tools/other.ts';\n",
    'agent/tools/tool.ts': "export type { Line } from '../call/call.ts';\n",
    'agent/tools/other.ts': '',
  });
  expect(status).toBe(1);
  expect(lines).toContain('  agent/tools/tool.ts imports agent/call/call.ts');
  expect(lines.at(-1)).toBe('1 two-way folder pairs, 0 arrows up');
});

test('imports against the floors: of what builds on the folder, and of a folder above', async () => {
  const { status, lines } = await structureOf({
    'webhook-server/app.ts': "import './payments/routes.ts';\n",
    'webhook-server/payments/routes.ts': "import { deps } from '../app.ts';\n",
    'shared/units.ts': "const agent = await import('../agent/main.ts');\n",
    'agent/main.ts': '',
  });
  expect(status).toBe(1);
  expect(lines).toContain('  webhook-server/payments/routes.ts imports webhook-server/app.ts');
  expect(lines).toContain('  shared/units.ts imports agent/main.ts');
  expect(lines.at(-1)).toBe('0 two-way folder pairs, 2 arrows up');
});

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { spokenFigures } from '../../agent/sentences/sentences-for.ts';
import { TOOLS, toolsFor } from '../../agent/tools/all-tools.ts';
import { LOCALE_TAGS, languageOf } from '../../shared/spoken/locales.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'agent/tools');

it('each folder is a tool of that name, with a test that checks its sentences', () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(TOOLS.map(({ name }) => name)).toEqual(folders.map((name) => name.replaceAll('-', '_')).sort());
  for (const folder of folders) {
    expect(readFileSync(join(FOLDER, folder, 'tool.test.ts'), 'utf8'), folder).toMatch(/^checkSentences\(/m);
  }
});

it.each(TOOLS.map((tool) => [tool.name, tool] as const))(
  '%s has its sentences in every language',
  (_, tool) => {
    const names = (locale: (typeof LOCALE_TAGS)[number]) =>
      Object.keys(tool.sentences[languageOf(locale)](spokenFigures(locale))).sort();
    for (const locale of LOCALE_TAGS) expect(names(locale), locale).toEqual(names('en-US'));
  },
);

it('the desk sells and says goodbye, and nobody without a memory is told of its tools', () => {
  const names = (isDesk: boolean, hasMemory: boolean, isOfTenant = false) =>
    toolsFor({ isDesk, hasMemory, isOfTenant }).map(({ name }) => name);
  expect(names(true, false)).toEqual([
    'activate_code',
    'end_call',
    'get_pricing_packages',
    'start_purchase_process',
  ]);
  expect(names(false, true).filter((name) => !names(false, false).includes(name))).toEqual([
    'forget',
    'keep_private',
    'recall',
  ]);
  expect(names(false, true, true).filter((name) => !names(false, true).includes(name))).toEqual([
    'check_credits',
    'forecast_month',
    'team_usage',
  ]);
  expect(names(false, true, true)).toHaveLength(TOOLS.length);
});

it('a tool as the README has it is one of the agent when its folder is there, and nothing else is touched', () => {
  const [, code = ''] =
    /```ts\n(import \{ defineTool.*?)```/s.exec(readFileSync(join(FOLDER, 'README.md'), 'utf8')) ?? [];
  const copy = mkdtempSync(join(tmpdir(), 'mindbot-toy-tool-'));
  try {
    for (const name of ['agent', 'shared', 'package.json']) {
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    mkdirSync(join(copy, 'agent/tools/flip-coin'));
    writeFileSync(join(copy, 'agent/tools/flip-coin/tool.ts'), code);
    const script = `
      const { initializeLogger } = await import('@livekit/agents');
      initializeLogger({ pretty: false, level: 'silent' });
      const { createAssistant } = await import('./agent/assistant.ts');
      const tool = createAssistant().toolCtx.getFunctionTool('flip_coin');
      const ctx = { userData: { locale: 'de-DE', toolUses: { begin: () => () => {} } } };
      console.log(JSON.stringify(await tool.execute({}, { ctx })));
      process.exit(0);`;
    const args = ['--input-type=module', '--eval', script];
    const printed = execFileSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
    expect(JSON.parse(printed).speech).toMatch(/^Es ist (Kopf|Zahl)\.$/);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

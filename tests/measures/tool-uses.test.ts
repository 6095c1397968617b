import { initializeLogger } from '@livekit/agents';
import { expect, test } from 'vitest';
import { ToolUses } from '../../agent/measures/tool-uses.ts';
import { defineTool } from '../../agent/tools/define-tool.ts';
import { Fault } from '../../shared/errors.ts';
import { callContext, useTool } from '../agent/use-tool.ts';

initializeLogger({ pretty: false, level: 'fatal' });

const sentences = { en: () => ({}), de: () => ({}), es: () => ({}), fr: () => ({}) };
let effects = 0;
const toolThat = (end: () => Promise<{ speech: string }>) =>
  defineTool({
    name: 'ring_bell',
    description: 'Rings a bell.',
    sentences,
    execute() {
      effects++;
      return end();
    },
  });
const hangs = Promise.withResolvers<{ speech: string }>();
const tools = {
  answers: toolThat(async () => ({ speech: 'ding' })),
  refuses: toolThat(() => Promise.reject(new Fault('database_unavailable'))),
  fails: toolThat(() => Promise.reject(new Error('after the effect'))),
  hangs: toolThat(() => hangs.promise),
};

test('each use of a tool counts once, however it ends, and while it has not', async () => {
  const toolUses = new ToolUses();
  const call = callContext({ toolUses });
  await useTool(tools.answers, {}, call);
  await useTool(tools.answers, {}, call);
  await expect(useTool(tools.refuses, {}, call)).rejects.toThrow();
  await expect(useTool(tools.fails, {}, call)).rejects.toThrow();
  const pending = useTool(tools.hangs, {}, call);
  expect(toolUses.list()).toEqual([{ tool: 'ring_bell', ok: 2, refused: 1, failed: 1, unfinished: 1 }]);
  expect(effects).toBe(5);
  hangs.resolve({ speech: 'late' });
  await pending;
  expect(toolUses.list()).toEqual([{ tool: 'ring_bell', ok: 3, refused: 1, failed: 1, unfinished: 0 }]);
});

test('an end that is told twice counts once, and what was read before stays as it was', () => {
  const toolUses = new ToolUses();
  const ended = toolUses.begin('x');
  const before = toolUses.list();
  ended('failed');
  ended('ok');
  expect(before).toEqual([{ tool: 'x', ok: 0, refused: 0, failed: 0, unfinished: 1 }]);
  expect(toolUses.list()).toEqual([{ tool: 'x', ok: 0, refused: 0, failed: 1, unfinished: 0 }]);
});

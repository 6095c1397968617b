import { llm } from '@livekit/agents';
import { expect, it } from 'vitest';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences } from '../../../tests/languages/check-sentences.ts';
import keepPrivate from './tool.ts';

checkSentences(keepPrivate, (say) => say);

/** A caller who said something at 1, 2 and 3 ms, the last time that it be kept private. */
function history(): llm.ChatContext {
  const said = llm.ChatContext.empty();
  for (const at of [1, 2, 3]) said.addMessage({ role: 'user', content: `Turn ${at}.`, createdAt: at });
  return said;
}

it('keeps out what was said in the turn before, and all that comes', async () => {
  const call = callContext();
  const { speech } = await useTool(keepPrivate, { whole_call: false }, call, history());
  expect(speech).toMatch(/^All right\. I will not remember that/);
  expect([1, 2, 3, 4].map((at) => call.memory.mayRead(at))).toEqual([true, false, false, false]);
});

it('keeps out the whole call', async () => {
  const call = callContext();
  const { speech } = await useTool(keepPrivate, { whole_call: true }, call, history());
  expect(speech).toBe('All right. I will remember nothing of this call.');
  expect([1, 2, 3, 4].some((at) => call.memory.mayRead(at))).toBe(false);
});

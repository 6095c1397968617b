import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { callContext, useTool } from '../../../tests/agent/use-tool.ts';
import { checkSentences } from '../../../tests/languages/check-sentences.ts';
import type { CallContext } from '../../tools/call-context.ts';
import recall from './tool.ts';

checkSentences(recall, (say) => ({ told: say.told('Has a dog. Has a cat') }));

/** A database that finds these. */
const finding = (...texts: string[]) => {
  const facts = texts.map((text) => ({ id: randomUUID(), text }));
  return { rpc: async () => ({ data: { status: 'found', facts }, error: null, status: 200 }) } as never;
};
const ask = (database: CallContext['database']) =>
  useTool(recall, { about: 'pets' }, callContext({ database }));

it('tells what it finds, without what no model may read', async () => {
  expect(await ask(finding('Has a "dog"', 'My card is 4242 4242 4242 4242', 'Has a cat'))).toEqual({
    speech: "You told me: Has a 'dog'. Has a cat.",
    notes: ["Has a 'dog'", 'Has a cat'],
  });
});

it('says so when it finds nothing', async () => {
  expect((await ask(finding())).speech).toBe('I remember nothing about that.');
});

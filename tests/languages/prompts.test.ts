import { initializeLogger, llm, type voice } from '@livekit/agents';
import llamaTokenizer from 'llama-tokenizer-js';
import { expect, it } from 'vitest';
import { createAssistant, createDesk } from '../../agent/assistant.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';

initializeLogger({ pretty: false, level: 'fatal' });

type Agent = voice.Agent<CallContext>;

const textOf = ({ instructions }: Agent) => String(instructions);

/** What a model is sent of an agent with each turn, as the framework sends it. */
function prompt(agent: Agent): string {
  const tools = llm.sortedToolEntries(agent.toolCtx).map(([name, { description, parameters }]) => {
    const { $schema: _, ...schema } = llm.toJsonSchema(parameters);
    return { type: 'function', function: { name, description, parameters: schema } };
  });
  return `${textOf(agent)}\n${JSON.stringify(tools)}`;
}

const tokens = (agent: Agent) => llamaTokenizer.encode(prompt(agent)).length;

it('what every turn costs stays small', () => {
  expect(tokens(createAssistant())).toBeLessThan(750);
  expect(tokens(createDesk())).toBeLessThan(620);
  expect(tokens(createAssistant({ locale: 'de-DE' })) - tokens(createAssistant())).toBeLessThan(15);
});

it('the model is told the language, where it is not the one of the instructions', () => {
  expect(textOf(createAssistant({ locale: 'en-GB' }))).toBe(textOf(createAssistant()));
  expect(textOf(createAssistant({ locale: 'fr-FR' }))).toMatch(/^Speak French only/m);
  expect(textOf(createDesk({ locale: 'es-ES' }))).toMatch(/^Speak Spanish only/m);
});

it.each([
  ['the assistant', createAssistant()],
  ['the desk', createDesk()],
])('%s keeps the rules about money and codes', (_, agent) => {
  for (const rule of [
    /know only what a tool answers/,
    /"speech" of a tool as it is/,
    /repeat package and price/,
    /cannot take card numbers/,
    /call activate_code/,
    /Never promise time, discounts/,
    /call end_call and say nothing/,
  ]) {
    expect(textOf(agent)).toMatch(rule);
  }
});

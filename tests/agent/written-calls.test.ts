import { initializeLogger, llm } from '@livekit/agents';
import { describe, expect, it } from 'vitest';
import { NothingToSay, readWrittenCalls, withoutWrittenCalls } from '../../agent/speech/llm/written-calls.ts';
import { TOOLS } from '../../agent/tools/all-tools.ts';

initializeLogger({ pretty: false, level: 'silent' });

const NAMES = TOOLS.map(({ name }) => name);
const COST = { name: 'estimate_session_cost', args: '{"minutes":5}' };
const BALANCE = { name: 'check_time_balance', args: '{}' };

async function* chunksOf(pieces: readonly string[]): AsyncGenerator<llm.ChatChunk> {
  for (const content of pieces) yield { id: 'one', delta: { role: 'assistant', content } };
  yield { id: 'one', usage: { completionTokens: 1 } as never };
}

/** What is spoken of an answer that comes in such pieces, and the calls that are made. */
async function heard(pieces: readonly string[]) {
  let text = '';
  const calls: { name: string; args: string }[] = [];
  let usages = 0;
  for await (const { delta, usage } of withoutWrittenCalls(chunksOf(pieces), NAMES)) {
    text += delta?.content ?? '';
    calls.push(...(delta?.toolCalls ?? []).map(({ name, args }) => ({ name, args })));
    if (usage) usages++;
  }
  expect(usages).toBe(1);
  return { text, calls };
}

/** As small models write them, whose servers do not know the form that they were trained on. */
const WRITTEN: [string, (typeof COST)[]][] = [
  ['{"name": "estimate_session_cost", "arguments": {"minutes": 5}}', [COST]],
  ['{"name": "estimate_session_cost", "parameters": {"minutes": 5}}', [COST]],
  ['{"tool": "estimate_session_cost", "args": {"minutes": 5}}', [COST]],
  ['{"tool_name": "estimate_session_cost", "input": {"minutes": 5}}', [COST]],
  [
    '{"type": "function", "function": {"name": "estimate_session_cost", "arguments": "{\\"minutes\\": 5}"}}',
    [COST],
  ],
  ['{"function": "check_time_balance"}', [BALANCE]],
  ['[{"name": "check_time_balance", "arguments": {}}]', [BALANCE]],
  ['```json\n{"name": "check_time_balance", "arguments": {}}\n```', [BALANCE]],
  ['<tool_call>\n{"name": "check_time_balance", "arguments": {}}\n</tool_call>', [BALANCE]],
  ['<|python_tag|>{"name": "check_time_balance", "parameters": {}}', [BALANCE]],
  ['<function=check_time_balance>{}</function> {"name": "check_time_balance"}', [BALANCE]],
  ['{"name": "check_time_balance"}\n{"name": "check_time_balance"}', [BALANCE]],
  ['estimate_session_cost({"minutes": 5})', [COST]],
  ['check_time_balance()', [BALANCE]],
  ['check_time_balance', [BALANCE]],
  ['`check_time_balance`', [BALANCE]],
  [
    '{"name": "check_time_balance", "arguments": {"why": "a brace } in a text"}}',
    [{ ...BALANCE, args: '{"why":"a brace } in a text"}' }],
  ],
];

describe.each([
  ['whole', (text: string) => [text]],
  ['symbol by symbol', (text: string) => [...text]],
  ['in threes', (text: string) => text.match(/.{1,3}/gs) ?? []],
])('an answer that comes %s', (_, cut) => {
  it.each(WRITTEN)('is the call that was written: %s', async (text, calls) => {
    expect(await heard(cut(text))).toEqual({ text: '', calls });
  });

  it('is spoken up to the call behind it', async () => {
    const said = await heard(cut('One moment, please. {"name": "check_time_balance", "arguments": {}}'));
    expect(said).toEqual({ text: 'One moment, please. ', calls: [BALANCE] });
  });

  it.each([
    'You have five minutes left. Shall I go on?',
    'It costs $9.99, i.e. about 17 cents a minute; see [activation code] and <3.',
    'The tool is called check_time_balance and tells what is left.',
    '',
  ])('is spoken as it is: %s', async (text) => {
    expect(await heard(cut(text))).toEqual({ text, calls: [] });
  });

  it.each([
    '{"speech": "You have five minutes."}',
    '{"name": "delete_everything", "arguments": {}}',
    '{"name": "check_time_balance", "arguments": ',
    '```\nconsole.log(1)\n```',
    '{"name": "check_time_balance", "arguments": [1]}',
  ])('is asked for again when nothing of it is for the ear: %s', async (text) => {
    await expect(heard(cut(text))).rejects.toThrow(NothingToSay);
  });

  it('leaves out JSON behind words', async () => {
    const said = await heard(cut('You have five minutes. {"remaining_seconds": 300}'));
    expect(said).toEqual({ text: 'You have five minutes. ', calls: [] });
  });
});

it('reads no call of a tool that is not offered', () => {
  expect(readWrittenCalls('{"name": "recall", "arguments": {}}', ['check_time_balance'])).toEqual([]);
});

it('does not make a call twice that was made, and written, too', async () => {
  async function* both(): AsyncGenerator<llm.ChatChunk> {
    const call = llm.FunctionCall.create({ callId: 'one', name: 'check_time_balance', args: '{}' });
    yield { id: 'one', delta: { role: 'assistant', toolCalls: [call] } };
    yield { id: 'one', delta: { role: 'assistant', content: '{"name": "check_time_balance"}' } };
  }
  let calls = 0;
  for await (const { delta } of withoutWrittenCalls(both(), NAMES)) calls += delta?.toolCalls?.length ?? 0;
  expect(calls).toBe(1);
});

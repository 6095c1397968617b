import { describe, expect, it } from 'vitest';
import { answer } from '../../local/language-model/answer.ts';
import { type ChatRequest, chatRequest } from '../../local/language-model/chat-request.ts';

const NOTHING = { type: 'object', properties: {}, additionalProperties: false };
const PACKAGE = {
  type: 'object',
  properties: { package_id: { type: 'string', enum: ['starter', 'basic', 'premium', 'pro', 'enterprise'] } },
  required: ['package_id'],
  additionalProperties: false,
};
const tool = (name: string, parameters: object) => ({ type: 'function', function: { name, parameters } });
const TOOLS = [
  tool('check_time_balance', NOTHING),
  tool('get_pricing_packages', NOTHING),
  tool('estimate_session_cost', NOTHING),
  tool('start_purchase_process', PACKAGE),
  tool('get_session_summary', NOTHING),
];
const SYSTEM = { role: 'system', content: 'You are MindBot, a voice that sells its own time.' };

function ask(messages: object[], more: object = {}): ReturnType<typeof answer> {
  const request: ChatRequest = chatRequest.parse({
    model: 'gpt-m',
    messages: [SYSTEM, ...messages],
    tools: TOOLS,
    ...more,
  });
  return answer(request);
}
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const output = (content: string) => ({ role: 'tool', tool_call_id: 'call_1', content });
const spoken = (reply: ReturnType<typeof answer>) => ('text' in reply ? reply.text : '');

describe('tool calls', () => {
  it.each([
    ['How much time do I have left?', 'check_time_balance', {}],
    ['What are your prices?', 'get_pricing_packages', {}],
    ['What has this call cost so far?', 'estimate_session_cost', {}],
    ['I want to buy the basics package.', 'start_purchase_process', { package_id: 'basic' }],
    ['Summary of this call, please.', 'get_session_summary', {}],
  ])('%j calls %s', (text, name, args) => {
    expect(ask([user(text)])).toEqual({ call: { name, arguments: args } });
  });

  it('asks which package, and understands the answer', () => {
    const question = spoken(ask([user('I want to buy more time.')]));
    expect(question).toBe('Which package would you like: Starter, Basic, Premium, Pro, or Enterprise?');
    const conversation = [
      user('I want to buy more time.'),
      assistant(question),
      user('The pro one, please.'),
    ];
    expect(ask(conversation)).toEqual({
      call: { name: 'start_purchase_process', arguments: { package_id: 'pro' } },
    });
    expect(spoken(ask([assistant('Would you like to buy more time?'), user('Yes please.')]))).toBe(question);
  });

  it('calls nothing that is not offered', () => {
    expect(spoken(ask([user('What are your prices?')], { tools: TOOLS.slice(0, 1) }))).toBe(
      'I cannot do that right now. I can tell you how much time you have left.',
    );
    expect(spoken(ask([user('What are your prices?')], { tool_choice: 'none' }))).toContain(
      'I cannot do that',
    );
    const named = { tool_choice: { type: 'function', function: { name: 'check_time_balance' } } };
    expect(spoken(ask([user('What are your prices?')], named))).toContain('I cannot do that');
  });

  it('calls nothing with arguments that do not fit the schema', () => {
    const fewer = tool('start_purchase_process', {
      ...PACKAGE,
      properties: { package_id: { enum: ['starter'] } },
    });
    expect(spoken(ask([user('Buy the basic package.')], { tools: [fewer] }))).toBe(
      'We do not sell that package.',
    );
  });
});

describe('tool outputs', () => {
  const called = { role: 'assistant', content: null, tool_calls: [] };

  it.each([
    ['its speech', ['{"speech":"You have ten minutes left.","seconds":600}'], 'You have ten minutes left.'],
    ['the speech of several', ['{"speech":"One."}', '{"speech":"Two."}'], 'One. Two.'],
    ['raw text', ['Ten minutes.'], 'Ten minutes.'],
    ['a JSON string', ['"Ten minutes."'], 'Ten minutes.'],
    ['speech before an error', ['{"error":"x","speech":"Payments are down."}'], 'Payments are down.'],
    [
      'an apology for an error',
      ['{"error":{"code":"x"}}'],
      'I am sorry, that did not work. Please try again in a moment.',
    ],
    [
      'an apology for an exception',
      ['An internal error occurred'],
      'I am sorry, that did not work. Please try again in a moment.',
    ],
  ])('speaks %s', (_name, outputs, text) => {
    const earlier = [user('Summary'), called, output('{"speech":"Old."}'), assistant('Old.')];
    expect(ask([...earlier, user('Balance'), called, ...outputs.map(output)])).toEqual({ text });
  });
});

describe('talk', () => {
  it('greets by name when there are only instructions, and not twice', () => {
    expect(ask([])).toEqual({ text: 'Hello! This is MindBot. What can I do for you?' });
    expect(ask([assistant('Hello!'), { role: 'developer', content: 'Say something.' }])).toEqual({
      text: 'I am still here. What can I do for you?',
    });
  });

  it('remembers what the caller said', () => {
    const told = [user('Hi, my name is Robert.'), assistant('Nice to meet you, Robert.')];
    expect(spoken(ask(told.slice(0, 1)))).toBe('Nice to meet you, Robert.');
    expect(spoken(ask([...told, user('What is my name?')]))).toBe('Your name is Robert.');
    expect(spoken(ask([user('What is my name?')]))).toBe('You have not told me your name yet.');
    const color = [
      user('My favorite color is dark blue.'),
      assistant('I see.'),
      user("What's my favorite color?"),
    ];
    expect(spoken(ask(color))).toBe('Your favorite color is dark blue.');
    expect(ask([user('What is my balance?')])).toMatchObject({ call: { name: 'check_time_balance' } });
  });

  it.each([
    ['Hello.', /^Hello!/],
    ['Thank you.', /welcome/],
    ['Goodbye.', /^Goodbye/],
    ['Who are you?', /^This is MindBot/],
    [
      'What can you do?',
      /^I can tell you how much time you have left, .*tell you our prices, .*or sum up this call\.$/,
    ],
    ['Colorless green ideas sleep furiously.', /^I did not get that. I can tell you/],
    ['', /^I did not get that/],
  ])('%j is answered', (text, reply) => {
    expect(spoken(ask([user(text)]))).toMatch(reply);
  });

  it('reads content in parts', () => {
    const parts = [{ type: 'text', text: 'What are your prices?' }];
    expect(ask([{ role: 'user', content: parts }])).toMatchObject({ call: { name: 'get_pricing_packages' } });
  });
});

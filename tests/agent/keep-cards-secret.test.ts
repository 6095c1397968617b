import { ReadableStream } from 'node:stream/web';
import { llm, stt, voice } from '@livekit/agents';
import { expect, it } from 'vitest';
import { Dictation } from '../../agent/codes/dictation.ts';
import { keepCodesSecret } from '../../agent/codes/keep-codes-secret.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';
import { CARD_MARK } from '../../shared/secrets/mask-card-numbers.ts';
import { CODE_MARK } from '../../shared/secrets/mask-codes.ts';

const { INTERIM_TRANSCRIPT, FINAL_TRANSCRIPT } = stt.SpeechEventType;
const settings = {} as voice.ModelSettings;

/** An agent whose recogniser hears these words. */
function agentHearing(heard: readonly [stt.SpeechEventType, string][]) {
  const agent = new voice.Agent<CallContext>({ instructions: '' });
  const dictation = new Dictation();
  agent.sttNode = async () =>
    ReadableStream.from(
      heard.map(([type, text]) => ({
        type,
        alternatives: [{ text, language: 'en', startTime: 0, endTime: 1, confidence: 1, words: [{ text }] }],
      })),
    ) as never;
  agent.llmNode = async () => null;
  Object.defineProperty(agent, 'session', { value: { userData: { dictation } } });
  return { agent: keepCodesSecret(agent), dictation };
}

async function heardBy({ agent }: ReturnType<typeof agentHearing>): Promise<string[]> {
  const texts: string[] = [];
  for await (const event of (await agent.sttNode(new ReadableStream<never>(), settings)) ?? []) {
    const [alternative] = (event as stt.SpeechEvent).alternatives ?? [];
    texts.push(alternative?.text ?? '');
    // The words one by one are the same words.
    if (alternative?.text.includes('[')) expect(alternative).not.toHaveProperty('words');
  }
  return texts;
}

it('hides a card number that is spoken, and everything behind it that is on the card', async () => {
  const scene = agentHearing([
    [INTERIM_TRANSCRIPT, 'four two four two four two four two four two four two four two four'],
    [FINAL_TRANSCRIPT, 'Four two four two, four two four two, four two four two, four two four two.'],
    [INTERIM_TRANSCRIPT, 'twelve twenty'],
    [FINAL_TRANSCRIPT, 'Twelve twenty seven.'],
    [FINAL_TRANSCRIPT, 'One two three.'],
    [FINAL_TRANSCRIPT, 'What now?'],
    [FINAL_TRANSCRIPT, 'I was born in 1984.'],
  ]);
  const [interim, ...rest] = await heardBy(scene);
  expect(interim).toMatch(/^\[/);
  expect(rest).toEqual([
    `${CARD_MARK}.`,
    CARD_MARK,
    `${CARD_MARK}.`,
    `${CARD_MARK}.`,
    'What now?',
    'I was born in 1984.',
  ]);
  expect(scene.dictation.hasMore).toBe(false);
});

it('lets a code that is dictated be a code, also where it is digits only', async () => {
  const scene = agentHearing([
    [FINAL_TRANSCRIPT, 'Seven three two nine.'],
    [FINAL_TRANSCRIPT, '4242 4242 4242 4242'],
  ]);
  scene.dictation.open();
  expect(await heardBy(scene)).toEqual([CODE_MARK, CARD_MARK]);
  expect(scene.dictation.progress()).toEqual({ state: 'partial', heard: '7329' });
});

it('hides in the history what turned out to be a card number only later', async () => {
  const { agent } = agentHearing([]);
  const history = llm.ChatContext.empty();
  const say = async (role: 'user' | 'assistant', content: string) => {
    history.addMessage({ role, content });
    if (role === 'user') await agent.llmNode(history, [] as never, settings);
  };
  await say('user', '5105 1051');
  await say('assistant', 'Pardon?');
  expect(JSON.stringify(history.items)).toContain('5105 1051');
  await say('user', '0510 5100');
  expect(history.items.map((item) => (item.type === 'message' ? item.textContent : ''))).toEqual([
    CARD_MARK,
    'Pardon?',
    CARD_MARK,
  ]);
});

import { ReadableStream } from 'node:stream/web';
import { initializeLogger, stt, voice } from '@livekit/agents';
import { describe, expect, vi } from 'vitest';
import { spellCode } from '../../agent/codes/dictation.ts';
import { keepCodesSecret } from '../../agent/codes/keep-codes-secret.ts';
import type { CallContext } from '../../agent/tools/call-context.ts';
import { withCheckCharacter } from '../../shared/activation-codes/code.ts';
import { CODE_MARK } from '../../shared/secrets/mask-codes.ts';
import type { ActivationCodeCall } from './activation-code-scene.ts';
import { testWithCodeCall as it } from './test-with-code-call.ts';

initializeLogger({ pretty: false, level: 'fatal' });

describe('the nodes of the agent', () => {
  const CODE = withCheckCharacter('7F29HJKLMPQ');
  const audio = () => new ReadableStream<never>();
  const settings = {} as voice.ModelSettings;
  async function collect<Chunk>(stream: AsyncIterable<Chunk> | null): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    if (stream) for await (const chunk of stream) chunks.push(chunk);
    return chunks;
  }

  function agentHearing(call: ActivationCodeCall, texts: { type: stt.SpeechEventType; text: string }[]) {
    const agent = new voice.Agent<CallContext>({ instructions: '' });
    const said: string[] = [];
    agent.sttNode = async () =>
      ReadableStream.from(
        texts.map(({ type, text }) => ({
          type,
          alternatives: [{ text, language: 'en', startTime: 0, endTime: 1, confidence: 1 }],
        })),
      ) as never;
    agent.ttsNode = async (text) => {
      for await (const chunk of text) said.push(chunk);
      return null;
    };
    Object.defineProperty(agent, 'session', { value: { userData: call.context } });
    return { agent: keepCodesSecret(agent), said };
  }

  it('hide what is heard, and keep only what is final', async ({ call }) => {
    call.context.dictation.open();
    const { INTERIM_TRANSCRIPT, FINAL_TRANSCRIPT } = stt.SpeechEventType;
    const { agent } = agentHearing(call, [
      { type: INTERIM_TRANSCRIPT, text: 'seven, Foxtrot' },
      { type: FINAL_TRANSCRIPT, text: 'Seven, Foxtrot, two, nine.' },
      { type: FINAL_TRANSCRIPT, text: 'How much time do I have left?' },
    ]);
    const events = (await collect(await agent.sttNode(audio(), settings))) as stt.SpeechEvent[];
    expect(events.map((event) => event.alternatives?.[0].text)).toEqual([
      CODE_MARK,
      CODE_MARK,
      'How much time do I have left?',
    ]);
    expect(call.context.dictation.progress()).toEqual({ state: 'partial', heard: '7F29' });
  });

  it('let go of the recogniser at once', async ({ call }) => {
    const { agent } = agentHearing(call, []);
    const own = new voice.Agent<CallContext>({ instructions: '' });
    let isClosed = false;
    own.sttNode = async () =>
      new ReadableStream({
        cancel() {
          isClosed = true;
        },
      }) as never;
    Object.defineProperty(own, 'session', { value: agent.session });
    const events = await keepCodesSecret(own).sttNode(audio(), settings);
    const reader = events?.getReader();
    void reader?.read();
    await reader?.cancel();
    expect(isClosed).toBe(true);
  });

  it('let only the voice say it', async ({ call }) => {
    const { agent, said } = agentHearing(call, []);
    call.context.dictation.spelling = spellCode(CODE);
    const text = `I heard: ${CODE_MARK}. Shall I activate it?`;
    await agent.ttsNode(ReadableStream.from([text]), settings);
    expect(said).toEqual([`I heard: ${spellCode(CODE)}. Shall I activate it?`]);
    const shown = await collect(await agent.transcriptionNode(ReadableStream.from([text, CODE]), settings));
    expect(shown).toEqual([text, CODE_MARK]);
  });
});

it("the framework's own log never has it", async ({ call, scene }) => {
  let written = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk);
    return true;
  });
  initializeLogger({ pretty: false, level: 'trace' });
  try {
    const code = await scene.newCode();
    await call.beginAnew();
    await call.say(`Please activate ${spellCode(code)}`);
    await call.say('Yes.');
    expect(await call.balance()).toBe(3600);
    // It does log what it does, down to the arguments of tools.
    expect(written).toContain('activate_code');
    for (const form of [code, spellCode(code), spellCode(code.slice(4, 8))]) {
      expect(written).not.toContain(form);
    }
  } finally {
    stdout.mockRestore();
    initializeLogger({ pretty: false, level: 'fatal' });
  }
});

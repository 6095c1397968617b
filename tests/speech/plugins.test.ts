import { initializeLogger, llm, stt } from '@livekit/agents';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resample, toFloatSamples, toInt16Samples } from '../../local/speech/models/audio-samples.ts';
import { type SpeechServer, startSpeechServer } from '../../local/speech/server.ts';
import { countWrongWords } from './words-wrong.ts';

initializeLogger({ pretty: false, level: 'error' });

describe('the plugins of LiveKit Agents', () => {
  let server: SpeechServer;
  beforeAll(async () => {
    server = await startSpeechServer({ deepgramApiKey: 'dg', openaiApiKey: 'oa' });
  });
  afterAll(() => server.close());

  async function speak(text: string): Promise<Int16Array> {
    const tts = new openai.TTS({ apiKey: 'oa', baseURL: `${server.url}/v1`, voice: 'onyx' });
    const frames: Int16Array[] = [];
    for await (const { frame } of tts.synthesize(text)) {
      expect(frame.sampleRate).toBe(24000);
      frames.push(frame.data);
    }
    await tts.close();
    return Int16Array.from(frames.flatMap((frame) => Array.from(frame)));
  }

  it('openai.TTS speaks and deepgram.STT hears it', async () => {
    const question = toInt16Samples(
      resample(toFloatSamples(await speak('What is my balance?')), 24000, 16000),
    );
    const plugin = new deepgram.STT({ apiKey: 'dg', baseUrl: server.url.replace('http', 'ws') });
    const stream = plugin.stream();
    const audio = Int16Array.from([...question, ...new Int16Array(12800)]);
    for (let i = 0; i + 320 <= audio.length; i += 320) {
      stream.pushFrame(new AudioFrame(audio.slice(i, i + 320), 16000, 1, 320));
    }
    const events: stt.SpeechEvent[] = [];
    for await (const event of stream) {
      events.push(event);
      if (event.type === stt.SpeechEventType.END_OF_SPEECH) break;
    }
    const kinds = events.map(({ type }) => type);
    expect(kinds[0]).toBe(stt.SpeechEventType.START_OF_SPEECH);
    const final = events.find(({ type }) => type === stt.SpeechEventType.FINAL_TRANSCRIPT);
    expect(countWrongWords('What is my balance?', final?.alternatives?.[0].text ?? '').wrong).toBe(0);
    stream.close();
    await plugin.close();
  });

  it('openai.LLM calls a tool and then speaks its output', async () => {
    const model = new openai.LLM({ model: 'gpt-4.1-mini', apiKey: 'oa', baseURL: `${server.url}/v1` });
    const tool = llm.tool({
      name: 'start_purchase_process',
      description: 'Starts a purchase',
      parameters: z.object({ package_id: z.enum(['starter', 'basic', 'premium', 'pro', 'enterprise']) }),
      execute: async () => ({ speech: 'I have sent you a link.' }),
    });
    const chatCtx = new llm.ChatContext();
    chatCtx.addMessage({ role: 'system', content: 'You are MindBot, a helpful voice.' });
    chatCtx.addMessage({ role: 'user', content: 'I want to buy the basics package.' });
    const first = await model.chat({ chatCtx, toolCtx: new llm.ToolContext([tool]) }).collect();
    expect(first.toolCalls).toMatchObject([
      { name: 'start_purchase_process', args: '{"package_id":"basic"}' },
    ]);
    expect(first.usage?.totalTokens).toBeGreaterThan(0);

    const [call] = first.toolCalls;
    if (!call) throw new Error('no tool call');
    const output = JSON.stringify({ speech: 'I have sent you a link.' });
    chatCtx.insert([
      call,
      llm.FunctionCallOutput.create({ callId: call.callId, name: call.name, output, isError: false }),
    ]);
    const second = await model.chat({ chatCtx, toolCtx: new llm.ToolContext([tool]) }).collect();
    expect(second.text).toBe('I have sent you a link.');
    expect(second.toolCalls).toEqual([]);
  });
});

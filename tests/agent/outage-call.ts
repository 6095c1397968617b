import { initializeLogger, voice } from '@livekit/agents';
import { Call } from '../../agent/call/call.ts';
import type { CallEnd } from '../../agent/call/call-state.ts';
import { sessionConversation } from '../../agent/call/conversation.ts';
import type { Presence } from '../../agent/call/line.ts';
import { sentencesFor } from '../../agent/sentences/sentences-for.ts';
import { Llm } from '../../agent/speech/llm/llm.ts';
import { OpenAIProvider } from '../../agent/speech/providers/openai-provider.ts';
import { ProviderChain } from '../../agent/speech/providers/provider-chain.ts';
import { PreparedSpeech } from '../../agent/speech/tts/prepared-speech.ts';
import { SpeechProvider } from '../../agent/speech/tts/speech-provider.ts';
import { Tts } from '../../agent/speech/tts/tts.ts';
import { Speaker } from '../../local/caller/speaker.ts';
import { systemClock } from '../../shared/clock.ts';
import { createLogger } from '../../shared/logging.ts';
import { FakeBilling } from './fake-billing.ts';
import { FakeLine } from './fake-call.ts';
import { RATE, type Script, startScriptedProvider, words } from './scripted-provider.ts';

initializeLogger({ pretty: false, level: 'silent' });

export const SENTENCES = sentencesFor('en-US');

/** Speaks every text on a tone of its own, so that it can be told what was heard. */
function toneSpeech(toneMs: number) {
  const texts: string[] = [];
  const speak: Script = (response, input) => {
    if (!texts.includes(input)) texts.push(input);
    const samples = new Int16Array((toneMs * RATE) / 1000).fill(1000 + texts.indexOf(input));
    response.writeHead(200, { 'content-type': 'audio/pcm' });
    response.end(new Uint8Array(samples.buffer));
  };
  return { speak, textOf: (sample: number) => texts[sample - 1000] ?? '?' };
}

/** A call whose language model and speech do as told; what is asked is typed, and what is said is really played. */
export async function startOutageCall({ presence = 'present' }: { presence?: Presence } = {}) {
  const tones = toneSpeech(150);
  const llmServer = await startScriptedProvider(words(['You have ', 'five minutes.']));
  const ttsServer = await startScriptedProvider(tones.speak);
  const heard: string[] = [];
  let tone = 0;
  const speaker = new Speaker(RATE, (samples) => {
    for (const sample of samples) {
      if (sample !== tone && sample !== 0) heard.push(tones.textOf(sample));
      tone = sample;
    }
  });
  const model = new OpenAIProvider({
    baseUrl: llmServer.baseUrl,
    apiKey: 'key',
    model: 'gpt-any',
    deadlineMs: 400,
  });
  const llm = new Llm(new ProviderChain([model], systemClock), SENTENCES);
  const spoken = new SpeechProvider({
    baseUrl: ttsServer.baseUrl,
    apiKey: 'key',
    model: 'gpt-any',
    voice: 'echo',
    deadlineMs: 400,
  });
  const tts = new Tts(new ProviderChain([spoken], systemClock), SENTENCES.sorryForTheWait);
  const session = new voice.AgentSession({
    llm,
    tts,
    vad: null,
    turnHandling: { turnDetection: null },
    connOptions: { maxUnrecoverableErrors: 99 },
  });
  session.output.audio = speaker;
  const prepared = new PreparedSpeech(tts, systemClock);
  const agent = new voice.Agent({ instructions: 'Speak.' });
  const conversation = sessionConversation(session, { agent }, systemClock, undefined, { prepared });
  const line = new FakeLine(presence);
  const billing = new FakeBilling(systemClock, { ownedSeconds: 600, sliceSeconds: 30 });
  const call = new Call({
    callId: '00000000-0000-4000-8000-000000000001',
    line,
    billing,
    conversation,
    clock: systemClock,
    logger: createLogger('call', 'silent'),
    sentences: SENTENCES,
    settings: { sliceSeconds: 30, reconnectGraceSeconds: 30 },
    onRenewalFailed: () => {},
  });
  const ended: Promise<CallEnd> = call.run();
  return {
    llmServer,
    ttsServer,
    session,
    agent,
    line,
    call,
    ended,
    heard,
    speak: tones.speak,
    /** The windows on the receipt, as `reason billed|free`. */
    story: () =>
      billing.settlements[0]?.windows.map(({ reason, billed }) => `${reason} ${billed ? 'billed' : 'free'}`),
    restoredMs: () => billing.settlements[0]?.restoredMs,
    /** Asks something and waits until what is said about it was heard. */
    ask: async () => {
      await session.generateReply({ userInput: 'How much time do I have?' }).waitForPlayout();
    },
    async close() {
      await session.close();
      speaker.close();
      await llmServer.close();
      await ttsServer.close();
    },
  };
}

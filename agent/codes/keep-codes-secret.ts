import { ReadableStream, TransformStream } from 'node:stream/web';
import { type llm, stt, type voice } from '@livekit/agents';
import type { CallContext } from '../tools/call-context.ts';
import { CODE_MARK, maskCodes } from './mask-codes.ts';

type Agent = voice.Agent<CallContext>;
type SpeechStream = Awaited<ReturnType<Agent['sttNode']>>;
type SpeechEvent = NonNullable<SpeechStream> extends ReadableStream<infer Event> ? Event : never;

/** Passes a stream on with each of its chunks changed. A cancellation reaches the source at once. */
function mapped<Chunk>(
  source: ReadableStream<Chunk> | AsyncIterable<Chunk>,
  change: (chunk: Chunk) => Chunk,
): ReadableStream<Chunk> {
  const stream = source instanceof ReadableStream ? source : ReadableStream.from(source);
  return stream.pipeThrough(
    new TransformStream<Chunk, Chunk>({
      transform(chunk, controller) {
        controller.enqueue(change(chunk));
      },
    }),
  );
}

/** Takes a code out of what the recogniser heard, before anybody logs, shows, stores or answers it. */
function withoutCode(event: SpeechEvent, { dictation }: CallContext): SpeechEvent {
  if (typeof event === 'string') return dictation.take(event);
  const [heard] = event.alternatives ?? [];
  if (!heard) return event;
  const isFinal = event.type === stt.SpeechEventType.FINAL_TRANSCRIPT;
  const text = isFinal ? dictation.take(heard.text) : dictation.mask(heard.text);
  if (text === heard.text) return event;
  const { words: _, ...rest } = heard;
  return { ...event, alternatives: [{ ...rest, text }] };
}

/** Takes a code out of what the caller typed, in the history itself. */
function hideTyped(history: llm.ChatContext, { dictation }: CallContext): void {
  const last = history.items.findLast((item) => item.type === 'message');
  if (last?.type !== 'message' || last.role !== 'user') return;
  last.content = last.content.map((part) => (typeof part === 'string' ? dictation.take(part) : part));
}

/**
 * Keeps activation codes out of everything but the sound of a call: history, model, transcripts, captions and the
 * framework's own log get a mark in their place, and only the voice puts the code where the mark is.
 *
 * The nodes are set on the agent itself, not in a class of its own: the framework carries the recogniser over to the
 * next agent only where the class has the framework's own.
 */
export function keepCodesSecret(agent: Agent): Agent {
  const { sttNode, llmNode, ttsNode, transcriptionNode } = agent;
  agent.sttNode = async (audio, settings) => {
    // Now, because the recogniser outlives the agent, which has no session any more when another has taken over.
    const { userData } = agent.session;
    const events = await sttNode.call(agent, audio, settings);
    return events && mapped(events, (event) => withoutCode(event, userData));
  };
  agent.llmNode = async (history, tools, settings) => {
    hideTyped(history, agent.session.userData);
    return llmNode.call(agent, history, tools, settings);
  };
  agent.ttsNode = (text, settings) => {
    const { dictation } = agent.session.userData;
    const spoken = mapped(text, (chunk) => chunk.replaceAll(CODE_MARK, dictation.spelling));
    return ttsNode.call(agent, spoken, settings);
  };
  agent.transcriptionNode = (text, settings) => {
    const shown = mapped(text, (chunk) => (typeof chunk === 'string' ? maskCodes(chunk) : chunk));
    return transcriptionNode.call(agent, shown, settings);
  };
  return agent;
}

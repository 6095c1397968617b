import { ReadableStream, TransformStream } from 'node:stream/web';
import { type llm, stt, type voice } from '@livekit/agents';
import { CardTalk, maskCardNumbers, maskSplitCardNumbers } from '../../shared/secrets/mask-card-numbers.ts';
import { CODE_MARK, maskCodes } from '../../shared/secrets/mask-codes.ts';
import type { Dictation } from './dictation.ts';

/** What an agent's session knows of the code that the caller dictates. */
type Dictated = { dictation: Dictation };
type Agent = voice.Agent<Dictated>;
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

/** What takes secrets out of a caller's words. Card numbers go first: to a dictation their digits look like a code. */
function secretsOf({ dictation }: Dictated, cards: CardTalk) {
  // The groups of a code that is being dictated may be digits only.
  const isCode = () => dictation.isOpen;
  return {
    mask: (text: string) => dictation.mask(isCode() ? maskCardNumbers(text) : cards.mask(text)),
    take: (text: string) => dictation.take(isCode() ? maskCardNumbers(text) : cards.take(text)),
  };
}

/** Takes secrets out of what the recogniser heard, before anybody logs, shows, stores or answers it. */
function withoutSecrets(event: SpeechEvent, secrets: ReturnType<typeof secretsOf>): SpeechEvent {
  if (typeof event === 'string') return secrets.take(event);
  const [heard] = event.alternatives ?? [];
  if (!heard) return event;
  const isFinal = event.type === stt.SpeechEventType.FINAL_TRANSCRIPT;
  const text = isFinal ? secrets.take(heard.text) : secrets.mask(heard.text);
  if (text === heard.text) return event;
  const { words: _, ...rest } = heard;
  return { ...event, alternatives: [{ ...rest, text }] };
}

/** Takes secrets out of what the caller typed, in the history itself; and a card number that came in several turns. */
function hideTyped(history: llm.ChatContext, secrets: ReturnType<typeof secretsOf>): void {
  const messages = history.items.filter((item) => item.type === 'message');
  const last = messages.at(-1);
  if (last?.role === 'user') {
    last.content = last.content.map((part) => (typeof part === 'string' ? secrets.take(part) : part));
  }
  const turns = messages.filter(({ role }) => role === 'user');
  const said = turns.map(({ textContent }) => textContent ?? '');
  for (const [i, text] of maskSplitCardNumbers(said).entries()) {
    const turn = turns[i];
    if (turn && text !== said[i]) turn.content = [text];
  }
}

/**
 * Keeps activation codes and the numbers of payment cards out of everything but the sound of a call: history, model,
 * transcripts, captions and the framework's own log get a mark in their place, and only the voice puts a code where
 * its mark is. Nobody says a card number again.
 *
 * The nodes are set on the agent itself, not in a class of its own: the framework carries the recogniser over to the
 * next agent only where the class has the framework's own.
 */
export function keepCodesSecret<Context extends Dictated>(agent: voice.Agent<Context>): voice.Agent<Context> {
  const { sttNode, llmNode, ttsNode, transcriptionNode } = agent;
  const cards = new CardTalk();
  agent.sttNode = async (audio, settings) => {
    // Now, because the recogniser outlives the agent, which has no session any more when another has taken over.
    const { userData } = agent.session;
    const events = await sttNode.call(agent, audio, settings);
    return events && mapped(events, (event) => withoutSecrets(event, secretsOf(userData, cards)));
  };
  agent.llmNode = async (history, tools, settings) => {
    hideTyped(history, secretsOf(agent.session.userData, cards));
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

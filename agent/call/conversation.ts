import { type llm, voice } from '@livekit/agents';
import type { Clock } from '../../shared/clock.ts';
import { within } from '../../shared/within.ts';
import { countWords } from '../speech/count-words.ts';
import type { SttEvents } from '../speech/stt/stt.ts';
import type { PreparedSpeech } from '../speech/tts/prepared-speech.ts';
import { type Activity, watchActivity } from '../speech/watch-activity.ts';
import { watchTurns } from '../speech/watch-turns.ts';
import { type TypedRefusal, takeTyped } from '../typed/take-typed.ts';

/** What the agent is there for: everything, or only to sell more time. */
export type Role = 'assistant' | 'desk';

/** The talking side of a call, without any notion of money. */
export type Conversation = {
  start(): Promise<void>;
  /** Makes the audio of sentences that are about to be said, so that it is there at once. */
  prepare?(texts: readonly string[]): void;
  /** Says something now, or after what is being said. */
  say(text: string): void;
  /** Says something when nobody is speaking or thinking. Later texts replace earlier ones on the same topic. */
  sayBetweenTurns(text: string, topic?: string): void;
  /** Stops at once whatever is being said. Never throws. */
  hush?(): void;
  /** Takes what the caller says and types from now on, or lets it go by unheard. Before the first time it goes by. */
  listen?(isOn: boolean): void;
  /** Stops whatever is being said, says the last words, and comes back when they were heard or the deadline passed. */
  sayGoodbye(text: string, deadlineMs: number): Promise<void>;
  /**
   * Stops whatever is being said, and goes on with the same conversation in another role. May never come back.
   * A conversation without it has no top-up desk.
   */
  become?(role: Role): Promise<void>;
  /** Calls back each time the agent's voice (or text) begins to reach the caller. */
  onSpeaking(listener: () => void): void;
  onActivity?(listener: (activity: Activity) => void): void;
  /** Calls back with how many words of the caller's were written down. */
  onWritten?(listener: (words: number) => void): void;
  /** Calls back when the model's answer to the caller begins to be heard. */
  onAnswer?(listener: () => void): void;
  /**
   * Calls back when a provider failed and a turn of the caller got no answer, with the end of the first such turn
   * in a row (on the clock given).
   */
  onNoAnswer?(listener: (sinceMs: number) => void): void;
  /** Calls back when an answer begins to be heard late, because a provider failed, with since when it was waited for. */
  onLateAnswer?(listener: (sinceMs: number) => void): void;
  /**
   * Calls back when what the caller says arrives nowhere any more, with since when (on the clock given), and with
   * undefined when it does again.
   */
  onStt?(listener: (lostSinceMs: number | undefined) => void): void;
  /**
   * Calls back when the conversation has ended: `conversation_failed` after repeated failures of a provider,
   * `job_shutdown` when the process around it goes.
   */
  onClosed(listener: (reason: 'conversation_failed' | 'job_shutdown') => void): void;
  close(): Promise<void>;
};

type StartOptions<Context> = Parameters<voice.AgentSession<Context>['start']>[0];

/**
 * Takes back what the framework offers to whoever is in the room: by a byte stream of its own (`lk.agent.session`) it
 * tells instructions, tools and history, reports every step of the conversation, and lets a client put words into it.
 */
async function closeRemoteControl<Context>(session: voice.AgentSession<Context>): Promise<void> {
  // biome-ignore lint/complexity/useLiteralKeys: private to the framework, which has no switch for it
  await session['sessionHost']?.close();
}

/** Makes the agent for a role. `history` is what it knows of the conversation so far. */
export type AgentFor<Context> = (role: Role, history: llm.ChatContext) => voice.Agent<Context>;

/** Replaces the running agent; comes back when the new one has taken over. */
async function handOver<Context>(
  session: voice.AgentSession<Context>,
  agent: voice.Agent<Context>,
): Promise<void> {
  const { promise: entered, resolve } = Promise.withResolvers<void>();
  agent.onEnter = async () => resolve();
  session.updateAgent(agent);
  await entered;
}

/** What is typed is said: it interrupts, and is answered. */
function answerText<Context>(session: voice.AgentSession<Context>, text: string): void {
  session.interrupt();
  session.generateReply({ userInput: text });
}

type SpeechSupport = {
  /** Audio that is there when it is needed. */
  prepared?: PreparedSpeech | undefined;
  onStt?: Conversation['onStt'];
  /** What is said about a text that is not taken. */
  refusal?: (why: TypedRefusal) => string;
};

/** A conversation held by LiveKit Agents. `startOptions` say with which agent and on which room. */
export function sessionConversation<Context>(
  session: voice.AgentSession<Context>,
  startOptions: StartOptions<Context>,
  clock: Clock,
  agentFor?: AgentFor<Context>,
  { prepared, onStt, refusal = () => '' }: SpeechSupport = {},
): Conversation {
  const { AgentStateChanged, UserStateChanged, Close } = voice.AgentSessionEventTypes;
  const waiting = new Map<string, string>();
  const turns = watchTurns(session, clock);
  // Nothing is recognised, written down or answered before the call says so.
  let isListening = false;
  session.input.setAudioEnabled(false);

  // A session that is closing throws; whoever listens to its events must not. Its close ends the call.
  const unlessClosing = (act: () => unknown) => {
    try {
      act();
    } catch {
      // Nobody is there any more to whom it would matter.
    }
  };
  const speak = (text: string, options: { allowInterruptions?: boolean } = {}) => {
    const audio = prepared?.take(text);
    return session.say(text, audio ? { ...options, audio } : options);
  };
  const say = (text: string) => unlessClosing(() => speak(text));
  const isQuiet = () =>
    (session.agentState === 'listening' || session.agentState === 'idle') && session.userState !== 'speaking';
  const sayWhatWaits = () => {
    if (waiting.size === 0 || !isQuiet()) return;
    const texts = [...waiting.values()];
    waiting.clear();
    say(texts.join(' '));
  };
  session.on(AgentStateChanged, sayWhatWaits);
  session.on(UserStateChanged, sayWhatWaits);

  return {
    async start() {
      const { inputOptions, room } = startOptions;
      if (room && inputOptions?.participantIdentity) {
        takeTyped(room, {
          identity: inputOptions.participantIdentity,
          clock,
          taken: (text) => unlessClosing(() => isListening && answerText(session, text)),
          refused: (why) => unlessClosing(() => isListening && session.say(refusal(why))),
        });
      }
      // What is typed is taken by us, with bounds.
      await session.start({ ...startOptions, inputOptions: { ...inputOptions, textEnabled: false } });
      await closeRemoteControl(session);
    },
    prepare: (texts) => prepared?.prepare(texts),
    say,
    sayBetweenTurns(text, topic = '') {
      waiting.set(topic, text);
      sayWhatWaits();
    },
    hush: () => unlessClosing(() => session.interrupt()),
    listen(isOn) {
      isListening = isOn;
      session.input.setAudioEnabled(isOn);
    },
    async sayGoodbye(text, deadlineMs) {
      waiting.clear();
      await session.interrupt({ force: true }).await;
      const heard = speak(text, { allowInterruptions: false }).waitForPlayout();
      await within(heard, deadlineMs, clock);
    },
    async become(role) {
      if (!agentFor) throw new Error(`Nobody here can be the ${role}.`);
      waiting.clear();
      await session.interrupt({ force: true }).await;
      await handOver(session, agentFor(role, session.history));
    },
    onSpeaking(listener) {
      session.on(AgentStateChanged, (event) => {
        if (event.newState === 'speaking') listener();
      });
    },
    onActivity: (listener) => watchActivity(session, listener),
    onWritten: (listener) => countWords(session, listener),
    onAnswer: turns.onAnswer,
    onNoAnswer: turns.onNoAnswer,
    onLateAnswer: turns.onLateAnswer,
    ...(onStt && { onStt }),
    onClosed(listener) {
      session.on(Close, ({ reason }) =>
        listener(reason === voice.CloseReason.ERROR ? 'conversation_failed' : 'job_shutdown'),
      );
    },
    async close() {
      waiting.clear();
      prepared?.close();
      await session.close();
    },
  };
}

/** Passes on what speech recognition tells, which is there before the call. */
export function watchStt() {
  const listeners: ((lostSinceMs: number | undefined) => void)[] = [];
  let nowLostSinceMs: number | undefined;
  const tell = (lostSinceMs: number | undefined) => {
    nowLostSinceMs = lostSinceMs;
    for (const listener of listeners) listener(lostSinceMs);
  };
  return {
    events: { onLost: tell, onBack: () => tell(undefined) } satisfies SttEvents,
    onStt: ((listener) => {
      listeners.push(listener);
      // Recognition begins with the conversation, and may be lost before the call is open.
      if (nowLostSinceMs !== undefined) listener(nowLostSinceMs);
    }) satisfies Conversation['onStt'],
  };
}

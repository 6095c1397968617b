import { voice } from '@livekit/agents';
import type { Clock } from '../../shared/clock.ts';
import { within } from './within.ts';

/** The talking side of a call, without any notion of money. */
export type Conversation = {
  start(): Promise<void>;
  /** Says something now, or after what is being said. */
  say(text: string): void;
  /** Says something when nobody is speaking or thinking. Later texts replace earlier ones that still wait. */
  sayBetweenTurns(text: string): void;
  /** Stops whatever is being said, takes leave, and comes back when that was heard or the deadline passed. */
  takeLeave(text: string, deadlineMs: number): Promise<void>;
  /** Calls back each time the agent's voice (or text) begins to reach the caller. */
  onSpeaking(listener: () => void): void;
  /**
   * Calls back when the conversation has ended: `conversation_failed` after repeated failures of a provider,
   * `job_shutdown` when the process around it goes.
   */
  onClosed(listener: (reason: 'conversation_failed' | 'job_shutdown') => void): void;
  close(): Promise<void>;
};

type StartOptions<Context> = Parameters<voice.AgentSession<Context>['start']>[0];

/** A conversation held by LiveKit Agents. `startOptions` say with which agent and on which room. */
export function sessionConversation<Context>(
  session: voice.AgentSession<Context>,
  startOptions: StartOptions<Context>,
  clock: Clock,
): Conversation {
  const { AgentStateChanged, UserStateChanged, Close } = voice.AgentSessionEventTypes;
  let waiting: string | undefined;

  const say = (text: string) => {
    try {
      session.say(text);
    } catch {
      // The session is closing, and throws; whoever listens to its events must not. Its close ends the call.
    }
  };
  const isQuiet = () =>
    (session.agentState === 'listening' || session.agentState === 'idle') && session.userState !== 'speaking';
  const sayWhatWaits = () => {
    if (waiting === undefined || !isQuiet()) return;
    const text = waiting;
    waiting = undefined;
    say(text);
  };
  session.on(AgentStateChanged, sayWhatWaits);
  session.on(UserStateChanged, sayWhatWaits);

  return {
    async start() {
      await session.start(startOptions);
    },
    say,
    sayBetweenTurns(text) {
      waiting = text;
      sayWhatWaits();
    },
    async takeLeave(text, deadlineMs) {
      waiting = undefined;
      await session.interrupt({ force: true }).await;
      const heard = session.say(text, { allowInterruptions: false }).waitForPlayout();
      await within(heard, deadlineMs, clock);
    },
    onSpeaking(listener) {
      session.on(AgentStateChanged, (event) => {
        if (event.newState === 'speaking') listener();
      });
    },
    onClosed(listener) {
      session.on(Close, ({ reason }) =>
        listener(reason === voice.CloseReason.ERROR ? 'conversation_failed' : 'job_shutdown'),
      );
    },
    async close() {
      waiting = undefined;
      await session.close();
    },
  };
}

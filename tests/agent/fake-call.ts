import type { CallOptions } from '../../agent/call/call.ts';
import { Call } from '../../agent/call/call.ts';
import type { CallEnd } from '../../agent/call/call-state.ts';
import type { Conversation, Role } from '../../agent/call/conversation.ts';
import type { Line, Presence } from '../../agent/call/line.ts';
import { sentencesFor } from '../../agent/sentences/sentences-for.ts';
import type { Activity } from '../../agent/speech/watch-activity.ts';
import type { CallMessage } from '../../shared/api/calls.ts';
import { createLogger } from '../../shared/logging.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeBilling } from './fake-billing.ts';

export class FakeLine implements Line {
  readonly messages: CallMessage[] = [];
  hangUps = 0;
  #presence: Presence;
  #listeners: ((presence: Presence, sinceMs?: number) => void)[] = [];

  constructor(presence: Presence) {
    this.#presence = presence;
  }

  readonly presence = () => this.#presence;

  onPresence(listener: (presence: Presence, sinceMs?: number) => void): void {
    this.#listeners.push(listener);
  }

  send(message: CallMessage): void {
    this.messages.push(message);
  }

  async hangUp(): Promise<void> {
    this.hangUps++;
  }

  become(presence: Presence, sinceMs?: number): void {
    this.#presence = presence;
    for (const listener of this.#listeners) listener(presence, sinceMs);
  }

  of<Type extends CallMessage['type']>(type: Type): Extract<CallMessage, { type: Type }>[] {
    return this.messages.filter((message) => message.type === type) as Extract<CallMessage, { type: Type }>[];
  }
}

/** A conversation whose voice reaches the caller `voiceMs` after it was asked to say something. */
class FakeConversation implements Conversation {
  readonly said: string[] = [];
  readonly prepared: string[] = [];
  hushes = 0;
  isListening = false;
  voiceMs = 300;
  /** How long the goodbye lasts; endless when the voice is gone. */
  goodbyeMs = 4000;
  goodbyeFails = false;
  /** The framework does not even come to its own deadline. */
  goodbyeHangs = false;
  isClosed = false;
  /** How long changing the role takes; endless when the framework hangs. */
  becomeMs = 0;
  becomeFails = false;
  role: Role = 'assistant';
  started: Promise<void> = Promise.resolve();
  closing: Promise<void> = Promise.resolve();
  readonly #clock: FakeClock;
  #speaking: () => void = () => {};
  #activity: (activity: Activity) => void = () => {};
  #written: (words: number) => void = () => {};
  #answer: () => void = () => {};
  #noAnswer: (sinceMs: number) => void = () => {};
  #lateAnswer: (sinceMs: number) => void = () => {};
  #hearing: (lostSinceMs: number | undefined) => void = () => {};
  #closed: (reason: 'conversation_failed' | 'job_shutdown') => void = () => {};

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  start(): Promise<void> {
    return this.started;
  }

  say(text: string): void {
    this.said.push(text);
    this.#clock.after(this.voiceMs, () => {
      this.#speaking();
      this.#activity('agent_busy');
      this.#activity('agent_quiet');
    });
  }

  sayBetweenTurns(text: string): void {
    this.said.push(text);
  }

  hush(): void {
    this.hushes++;
  }

  listen(isOn: boolean): void {
    this.isListening = isOn;
  }

  async sayGoodbye(text: string, deadlineMs: number): Promise<void> {
    if (this.goodbyeFails) throw new Error('AgentSession is not running');
    if (this.goodbyeHangs) await new Promise<void>(() => {});
    this.said.push(text);
    this.#speaking();
    await new Promise<void>((resolve) => this.#clock.after(Math.min(this.goodbyeMs, deadlineMs), resolve));
  }

  async become(role: Role): Promise<void> {
    if (this.becomeFails) throw new Error('AgentSession is not running');
    if (this.becomeMs > 0) await new Promise<void>((resolve) => this.#clock.after(this.becomeMs, resolve));
    this.role = role;
  }

  onSpeaking(listener: () => void): void {
    this.#speaking = listener;
  }

  onActivity(listener: (activity: Activity) => void): void {
    this.#activity = listener;
  }

  onWritten(listener: (words: number) => void): void {
    this.#written = listener;
  }

  onAnswer(listener: () => void): void {
    this.#answer = listener;
  }

  onNoAnswer(listener: (sinceMs: number) => void): void {
    this.#noAnswer = listener;
  }

  onLateAnswer(listener: (sinceMs: number) => void): void {
    this.#lateAnswer = listener;
  }

  onStt(listener: (lostSinceMs: number | undefined) => void): void {
    this.#hearing = listener;
  }

  prepare(texts: readonly string[]): void {
    this.prepared.push(...texts);
  }

  /** Something is heard on the line. */
  hear(activity: Activity): void {
    this.#activity(activity);
  }

  /** So many words of the caller's were written down. */
  write(words: number): void {
    this.#written(words);
  }

  /** The model's answer begins to be heard. */
  answer(): void {
    this.#answer();
  }

  /** A turn that ended so long ago gets no answer. */
  fail(agoMs: number): void {
    this.#noAnswer(this.#clock.nowMs() - agoMs);
  }

  /** An answer begins to be heard that was waited for so long because a provider failed. */
  answerLate(waitedMs: number): void {
    this.#lateAnswer(this.#clock.nowMs() - waitedMs);
    this.#answer();
  }

  /** Nothing of what the caller says has arrived for so long; undefined: it does again. */
  loseStt(agoMs: number | undefined): void {
    this.#hearing(agoMs === undefined ? undefined : this.#clock.nowMs() - agoMs);
  }

  onClosed(listener: (reason: 'conversation_failed' | 'job_shutdown') => void): void {
    this.#closed = listener;
  }

  /** The conversation ends by itself. */
  end(reason: 'conversation_failed' | 'job_shutdown'): void {
    this.#closed(reason);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.closing;
  }
}

/** A call with nothing real around it, ready to run. */
export function fakeCall(
  options: { ownedSeconds?: number; presence?: Presence; settings?: Partial<CallOptions['settings']> } = {},
) {
  const { ownedSeconds = 3600, presence = 'present' } = options;
  const clock = new FakeClock();
  const line = new FakeLine(presence);
  const conversation = new FakeConversation(clock);
  const settings = { sliceSeconds: 30, reconnectGraceSeconds: 30, ...options.settings };
  const billing = new FakeBilling(clock, { ownedSeconds, sliceSeconds: settings.sliceSeconds });
  let renewalsFailed = 0;
  const call = new Call({
    callId: '00000000-0000-4000-8000-000000000001',
    line,
    billing,
    conversation,
    sentences: sentencesFor('en-US'),
    clock,
    logger: createLogger('call', 'silent'),
    settings,
    onRenewalFailed: () => {
      renewalsFailed++;
    },
  });
  let end: CallEnd | undefined;
  const begin = () =>
    void call.run().then((result) => {
      end = result;
    });
  return {
    clock,
    line,
    conversation,
    billing,
    call,
    begin,
    /** Runs the call and lets the caller hear the first word, `voiceMs` later. */
    async run(): Promise<void> {
      begin();
      await clock.advance(conversation.voiceMs);
    },
    /** How the call ended; undefined while it lives. */
    end: () => end,
    renewalsFailed: () => renewalsFailed,
  };
}

import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock.ts';
import { Fault } from '../../shared/errors.ts';
import type { Sentences } from '../sentences/sentences.ts';
import type { Billing, Grant } from './billing.ts';
import {
  type CallEnd,
  type CallSettings,
  type Effect,
  type EndReason,
  type Event,
  newCall,
  type Speech,
  type State,
} from './call-state.ts';
import type { Conversation } from './conversation.ts';
import type { Line } from './line.ts';
import {
  chargedMs,
  expiringSeconds,
  type RenewalAnswer,
  type RenewalRequest,
  receiptWindows,
  remainingSeconds,
  restoredMs,
  usedMs,
} from './meter.ts';
import { dueTimes, step } from './step.ts';
import type { Window } from './windows.ts';
import { wordsFor } from './words-for.ts';

export type CallOptions = {
  callId: string;
  line: Line;
  billing: Billing;
  conversation: Conversation;
  clock: Clock;
  logger: Logger;
  settings: CallSettings;
  /** What is said by itself, in the caller's language. */
  sentences: Sentences;
  onRenewalFailed: () => void;
};

/** The figures of a call as they are now, for its tools. */
export type MeterReading = {
  /** Milliseconds counted, never more than was granted. */
  usedMs(): number;
  /** The part of `usedMs()` that is free after all. */
  restoredMs(): number;
  /** What is charged for so far. */
  chargedMs(): number;
  windows(): Window[];
  /** Seconds that this call can still use, as far as the last answer knew. */
  remainingSeconds(): number;
  /** What is left of the time that expires within a week. */
  expiringSeconds(): number;
  readonly grant: Grant;
  /** Brings the reading up to date with the database. Several askers share one request. Never throws. */
  renew(): Promise<void>;
};

type Unstamped<One> = One extends unknown ? Omit<One, 'atMs'> : never;
type Due = { atMs: number; cancel: () => void };
type DueTimer = Extract<Event, { type: 'due' }>['timer'];

/**
 * One call from the first ring to the receipt. It decides nothing: what happens around it becomes events of `step`,
 * whose effects it carries out, and it wakes the call when something is due. Ends once, whatever happens first.
 */
export class Call {
  readonly #o: CallOptions;
  readonly #ended = Promise.withResolvers<CallEnd>();
  readonly #due = new Map<DueTimer, Due>();
  readonly #waiting: Event[] = [];
  /** Reports under way, by their ids. */
  readonly #renewals = new Map<number, Promise<void>>();
  #state: State;
  #isStepping = false;

  constructor(options: CallOptions) {
    const { clock, conversation, line, settings } = options;
    this.#o = options;
    // A conversation that cannot change its role has no desk.
    const deskSeconds = conversation.become ? (settings.deskSeconds ?? 0) : 0;
    this.#state = newCall({ ...settings, deskSeconds }, line.presence(), clock.nowMs());
  }

  /** The live meter, for the tools. Undefined before the call is open. */
  get meter(): MeterReading | undefined {
    return this.#state.meter.isOpen ? this.#reading : undefined;
  }

  /** Settles when the call has ended and its bill is written (or left to the reaper). */
  get ended(): Promise<CallEnd> {
    return this.#ended.promise;
  }

  /** Opens the call, lets the conversation begin, greets the caller once there, and sees it to its end. */
  async run(): Promise<CallEnd> {
    if (this.#state.stage.name !== 'ended') {
      this.#listen();
      this.#tell({ type: 'run', presence: this.#o.line.presence() });
    }
    return this.ended;
  }

  /** The caller has said goodbye: nothing is billed from here on, and the farewell is the last word. */
  sayGoodbye(): void {
    this.#tell({ type: 'goodbye_wanted' });
  }

  /** Ends the call: stops the clock, settles, tells the client, closes the line. Repeats wait for the first. */
  end(reason: EndReason): Promise<CallEnd> {
    this.#tell({ type: 'end_wanted', reason });
    return this.ended;
  }

  readonly #reading: MeterReading = ((call: Call) => ({
    usedMs: () => usedMs(call.#state.meter, call.#nowMs()),
    restoredMs: () => restoredMs(call.#state.meter, call.#nowMs()),
    chargedMs: () => chargedMs(call.#state.meter, call.#nowMs()),
    windows: () => receiptWindows(call.#state.meter, call.#nowMs()),
    remainingSeconds: () => remainingSeconds(call.#state.meter, call.#nowMs()),
    expiringSeconds: () => expiringSeconds(call.#state.meter, call.#nowMs()),
    get grant() {
      return call.#state.meter.grant;
    },
    async renew() {
      call.#tell({ type: 'renewal_wanted' });
      await call.#renewals.get(call.#state.meter.sharedRenewal ?? 0);
    },
  }))(this);

  #nowMs(): number {
    return this.#o.clock.nowMs();
  }

  #listen(): void {
    const { conversation, line } = this.#o;
    line.onPresence((presence, sinceMs) => this.#tell({ type: 'presence', presence, sinceMs }));
    conversation.onSpeaking(() => this.#tell({ type: 'heard' }));
    conversation.onActivity?.((activity) => this.#tell({ type: 'activity', activity }));
    conversation.onWritten?.((words) => this.#tell({ type: 'written', words }));
    conversation.onAnswer?.(() => this.#tell({ type: 'answer' }));
    conversation.onNoAnswer?.((sinceMs) => this.#tell({ type: 'no_answer', sinceMs }));
    conversation.onLateAnswer?.((sinceMs) => this.#tell({ type: 'late_answer', sinceMs }));
    conversation.onStt?.((lostSinceMs) => this.#tell({ type: 'stt', lostSinceMs }));
    conversation.onClosed((reason) => this.#tell({ type: 'conversation_closed', reason }));
  }

  /** Takes an event now, or after the one that is being taken: effects may cause events themselves. */
  #tell(event: Unstamped<Event>): void {
    this.#waiting.push({ ...event, atMs: this.#nowMs() } as Event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#step(next);
    } finally {
      this.#isStepping = false;
    }
  }

  #step(event: Event): void {
    const [state, effects] = step(this.#state, event);
    this.#state = state;
    this.#wakeWhenDue();
    for (const effect of effects) (this.#effects[effect.type] as (effect: Effect) => void)(effect);
  }

  #wakeWhenDue(): void {
    const dueTimes = dueTimesOf(this.#state);
    for (const [timer, { atMs, cancel }] of this.#due) {
      if (dueTimes.get(timer) === atMs) continue;
      cancel();
      this.#due.delete(timer);
    }
    for (const [timer, atMs] of dueTimes) {
      if (this.#due.has(timer)) continue;
      const cancel = this.#o.clock.after(atMs - this.#nowMs(), () => {
        this.#due.delete(timer);
        this.#tell({ type: 'due', timer });
      });
      this.#due.set(timer, { atMs, cancel });
    }
  }

  /** Tells the call what came of something. */
  #answer<Result>(
    doing: Promise<Result>,
    done: Unstamped<Event> | ((result: Result) => Unstamped<Event>),
    failed: Unstamped<Event>,
    note: string,
  ): void {
    doing.then(
      (result) => this.#tell(typeof done === 'function' ? done(result) : done),
      (error: unknown) => {
        this.#o.logger.warn({ err: error }, note);
        this.#tell(failed);
      },
    );
  }

  /** How each effect is carried out. What takes its time is answered by an event. */
  readonly #effects: { [Type in Effect['type']]: (effect: Extract<Effect, { type: Type }>) => void } = {
    open: () => this.#open(),
    start_conversation: () =>
      this.#answer(
        this.#o.conversation.start(),
        { type: 'conversation_started' },
        { type: 'conversation_not_started' },
        'conversation did not start',
      ),
    prepare: ({ speeches }) => this.#o.conversation.prepare?.(speeches.map((speech) => this.#words(speech))),
    say: ({ speech }) => this.#o.conversation.say(this.#words(speech)),
    say_between_turns: ({ speech, topic }) =>
      this.#o.conversation.sayBetweenTurns(this.#words(speech), topic),
    hush: () => this.#o.conversation.hush?.(),
    listen: ({ isOn }) => this.#o.conversation.listen?.(isOn),
    note_dead_lines: ({ times }) =>
      this.#o.logger.warn({ times }, 'the line of the caller dies again and again'),
    say_goodbye: ({ speech, deadlineMs }) => {
      const saying = this.#o.conversation.sayGoodbye(this.#words(speech), deadlineMs);
      this.#answer(saying, { type: 'goodbye_said' }, { type: 'goodbye_said' }, 'ended without a word');
    },
    change_role: ({ role, roleChange }) => {
      const changed = (isDone: boolean) => ({ type: 'role_changed', roleChange, isDone }) as const;
      const changing = this.#o.conversation.become?.(role) ?? Promise.resolve();
      this.#answer(changing, changed(true), changed(false), 'role not changed');
    },
    reserve_desk: ({ hadMs, seconds: asked }) => {
      const { billing, settings } = this.#o;
      const perDay = settings.deskSecondsPerDay;
      if (perDay === undefined) return;
      const reserved = (seconds: number) => ({ type: 'desk_reserved', seconds }) as const;
      this.#answer(billing.reserveDesk(hadMs, asked, perDay), reserved, reserved(asked), 'desk not reserved');
    },
    send: ({ message }) => this.#o.line.send({ ...message, call_id: this.#o.callId }),
    renew: ({ request }) => this.#renew(request),
    settle: ({ figures: { usedMs: used, restoredMs: restored, windows }, reason }) => {
      const settling = this.#o.billing.settle(used, reason, windows, restored);
      const settled = (chargedSeconds: number | undefined) => ({ type: 'settled', chargedSeconds }) as const;
      this.#answer(settling, settled, { type: 'not_settled' }, 'settlement got no answer');
    },
    leave_to_reaper: () => this.#o.logger.error('settlement left to the reaper'),
    close_line: () =>
      this.#answer(
        this.#o.line.hangUp(),
        { type: 'line_closed' },
        { type: 'line_closed' },
        'line not closed',
      ),
    close_conversation: () =>
      this.#answer(
        this.#o.conversation.close(),
        { type: 'conversation_ended' },
        { type: 'conversation_ended' },
        'conversation not closed',
      ),
    finish: ({ end }) => {
      this.#o.logger.info(end, 'call ended');
      this.#ended.resolve(end);
    },
  };

  #open(): void {
    const refused = (error: unknown) => {
      this.#o.logger.warn({ err: error }, 'call refused');
      this.#tell({ type: 'refused', code: error instanceof Fault ? error.code : 'internal' });
    };
    this.#o.billing.open().then((opening) => this.#tell({ type: 'opened', opening }), refused);
  }

  #renew({ id, usedMs: used, restoredMs: restored }: RenewalRequest): void {
    const { billing, logger, onRenewalFailed } = this.#o;
    const answered = (answer: RenewalAnswer) => {
      this.#renewals.delete(id);
      this.#tell({ type: 'renewal', id, answer });
    };
    const failed = (error: unknown) => {
      // Nobody waits for the answer to a call that is over.
      if (!this.#state.meter.isClosed) {
        logger.warn({ err: error }, 'renewal got no answer');
        onRenewalFailed();
      }
      answered('unanswered');
    };
    const renewing = billing.renew(used, restored).then((grant) => answered(grant ?? 'fenced'), failed);
    this.#renewals.set(id, renewing);
  }

  #words(speech: Speech): string {
    return wordsFor(this.#o.sentences, speech);
  }
}

const dueTimesOf = (state: State) => new Map(Object.entries(dueTimes(state)) as [DueTimer, number][]);

import { WebSocket } from 'ws';
import type { Clock } from '../../../shared/clock.ts';
import { type AnswerDeadlines, AnswerWatch } from './answer-watch.ts';
import { isRefusal, type ListenEnd } from './listen-end.ts';
import { type ListenMessage, parseListenMessage } from './listen-messages.ts';

/** How long each step may take, in milliseconds. */
export type ListenDeadlines = AnswerDeadlines & { openMs: number };

export const LISTEN_DEADLINES: ListenDeadlines = { openMs: 3_000, answerMs: 6_000, pongMs: 5_000 };

const CHECK_MS = 500;
const GOODBYE_MS = 500;
type ListenEvents = {
  onOpen(): void;
  onMessage(message: ListenMessage): void;
  /** Once, unless `leave` came first. */
  onEnd(end: ListenEnd): void;
};

/** One connection to a recogniser, which either answers in time or ends. */
export class ListenConnection {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #events: ListenEvents;
  readonly #watch: AnswerWatch;
  #wasOpen = false;
  #isOver = false;
  #cancelTimer: () => void;

  constructor(url: URL, apiKey: string, events: ListenEvents, clock: Clock, deadlines: ListenDeadlines) {
    this.#clock = clock;
    this.#events = events;
    this.#watch = new AnswerWatch(clock, deadlines);
    const headers = { Authorization: `Token ${apiKey}` };
    this.#socket = new WebSocket(url, { headers, perMessageDeflate: false });
    this.#cancelTimer = clock.after(deadlines.openMs, () => this.giveUp());
    this.#socket.on('open', () => this.#open());
    this.#socket.on('message', (data) => this.#receive(String(data)));
    this.#socket.on('pong', () => this.#watch.ponged());
    this.#socket.on('unexpected-response', (_request, response) => {
      const { statusCode: code = 0 } = response;
      this.#end({ reason: isRefusal(code) ? 'refused' : 'unreachable', code });
    });
    // What the error says is told by `close`, and may hold the address with all that is in it.
    this.#socket.on('error', () => this.#end({ reason: this.#wasOpen ? 'dropped' : 'unreachable' }));
    this.#socket.on('close', (code) => this.#end({ reason: 'dropped', code }));
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(samples: Int16Array): void {
    if (!this.#isOpen) return;
    this.#watch.sent(samples.length);
    this.#socket.send(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  /** Sends audio that another connection left unanswered. @param mustAnswer however little it is */
  resend(chunks: readonly Int16Array[], mustAnswer: boolean): void {
    for (const samples of chunks) this.send(samples);
    if (mustAnswer) this.#watch.insist();
  }

  /** Asks for the final transcript of all that was sent. */
  finalize(): void {
    this.#say('Finalize');
  }

  /** Asks for the rest; the recogniser sends it and closes. */
  closeStream(): void {
    this.#say('CloseStream');
  }

  /** Gives the connection up, because it does not do its work. */
  giveUp(): void {
    this.#end({ reason: 'hung' });
  }

  /** Goes without a word to anybody but the recogniser. */
  leave(): void {
    if (this.#isOver) return;
    this.closeStream();
    this.#detach();
    if (!this.#isOpen) {
      this.#socket.terminate();
      return;
    }
    const cancel = this.#clock.after(GOODBYE_MS, () => this.#socket.terminate());
    this.#socket.on('close', cancel);
    this.#socket.close(1000);
  }

  #open(): void {
    this.#wasOpen = true;
    this.#cancelTimer();
    this.#check();
    this.#events.onOpen();
  }

  #receive(text: string): void {
    this.#watch.answered();
    const message = parseListenMessage(text);
    if (message) this.#events.onMessage(message);
  }

  #check(): void {
    this.#cancelTimer = this.#clock.after(CHECK_MS, () => this.#check());
    if (this.#watch.isLate) this.giveUp();
    else if (this.#watch.isIdle) this.#showLife();
  }

  #showLife(): void {
    this.#say('KeepAlive');
    this.#watch.pinged();
    this.#socket.ping();
  }

  #say(type: 'KeepAlive' | 'Finalize' | 'CloseStream'): void {
    if (this.#isOpen) this.#socket.send(JSON.stringify({ type }));
  }

  #end(end: Omit<ListenEnd, 'sinceMs'>): void {
    if (this.#isOver) return;
    const nowMs = this.#clock.nowMs();
    this.#detach();
    this.#socket.terminate();
    const sinceMs = end.reason === 'hung' ? (this.#watch.waitsSinceMs ?? nowMs) : nowMs;
    this.#events.onEnd({ ...end, sinceMs });
  }

  #detach(): void {
    this.#isOver = true;
    this.#cancelTimer();
    this.#socket.removeAllListeners();
    // Ending a connection that is not yet open is an error to the library, which nobody needs to know of.
    this.#socket.on('error', () => {});
  }
}

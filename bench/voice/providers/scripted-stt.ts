import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  metadataMessage,
  type ResultFlags,
  resultsMessage,
  speechStartedMessage,
} from '../../../local/speech/deepgram/messages.ts';
import { nowMs } from '../clock.ts';
import { DELAYS, type Stamp } from './delays.ts';

/** What is "heard", one line after the other, whatever is said. */
const SCRIPT = [
  'What can you do for me?',
  'How are you doing today?',
  'Where does the river begin?',
  'Could you help me, please?',
  'Tell me something about the sea.',
  'Do you know a good book?',
];
/** Largest sample of a frame: above it somebody speaks. */
const LOUD = 500;
/** Shorter sounds are none. */
const ONSET_MS = 100;

const isLoud = (frame: Buffer) => {
  for (let at = 0; at + 1 < frame.length; at += 2) if (Math.abs(frame.readInt16LE(at)) > LOUD) return true;
  return false;
};

/** One stream: says its next line a fixed delay after sound has ended. */
class ScriptedStream {
  readonly #socket: WebSocket;
  readonly #rate: number;
  readonly #stamp: (what: Stamp['what'], atMs: number) => void;
  readonly #id = randomUUID();
  #line = 0;
  #seconds = 0;
  #soundSince: { atMs: number; seconds: number } | undefined;
  #isSpeech = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, rate: number, stamp: (what: Stamp['what'], atMs: number) => void) {
    this.#socket = socket;
    this.#rate = rate;
    this.#stamp = stamp;
    socket.on('message', (data: Buffer, isBinary) => (isBinary ? this.#hear(data) : this.#control(data)));
    socket.on('close', () => clearTimeout(this.#timer));
    // A broken connection also emits 'close'; without a listener here it would end the process.
    socket.on('error', () => undefined);
  }

  #hear(frame: Buffer): void {
    this.#seconds += frame.length / 2 / this.#rate;
    if (!isLoud(frame)) return;
    const atMs = nowMs();
    this.#soundSince ??= { atMs, seconds: this.#seconds };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#endSpeech(atMs), DELAYS.transcript);
    if (this.#isSpeech || atMs - this.#soundSince.atMs < ONSET_MS) return;
    this.#isSpeech = true;
    this.#send(speechStartedMessage(this.#soundSince.seconds));
    this.#sendLine({ isFinal: false, isSpeechFinal: false, isFromFinalize: false });
  }

  #endSpeech(lastSoundAtMs: number): void {
    if (this.#isSpeech) {
      this.#stamp('speech_ended', lastSoundAtMs);
      this.#sendLine({ isFinal: true, isSpeechFinal: true, isFromFinalize: false });
      this.#stamp('transcript_sent', nowMs());
      this.#line++;
    }
    this.#soundSince = undefined;
    this.#isSpeech = false;
  }

  #sendLine(flags: ResultFlags): void {
    const startSeconds = this.#soundSince?.seconds ?? this.#seconds;
    const text = SCRIPT[this.#line % SCRIPT.length] ?? '';
    const transcript = { text, startSeconds, durationSeconds: this.#seconds - startSeconds };
    this.#send(resultsMessage(this.#id, 'nova-3', transcript, flags));
  }

  #control(data: Buffer): void {
    if (!data.toString().includes('CloseStream')) return;
    this.#send(metadataMessage(this.#id, 'nova-3', new Date(), this.#seconds));
    this.#socket.close(1000);
  }

  #send(message: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** Deepgram's streaming recognition (`/v1/listen`), by script. */
export function serveScriptedStt(server: Server, stamp: (stamp: Stamp) => void): void {
  const sockets = new WebSocketServer({ server, path: '/v1/listen' });
  sockets.on('connection', (socket, request: IncomingMessage) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const key = request.headers.authorization?.replace(/^token /i, '') ?? '';
    const rate = Number(searchParams.get('sample_rate') ?? 16_000);
    new ScriptedStream(socket, rate, (what, atMs) => stamp({ key, what, atMs }));
  });
}

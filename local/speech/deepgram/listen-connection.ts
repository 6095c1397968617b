import type { WebSocket } from 'ws';
import { z } from 'zod';
import { readInt16 } from '../models/audio-samples.ts';
import type { SpeechModels } from '../models/models.ts';
import type { ListenOptions } from './listen-options.ts';
import {
  metadataMessage,
  type ResultFlags,
  resultsMessage,
  speechStartedMessage,
  type Transcript,
  utteranceEndMessage,
} from './messages.ts';
import { TranscriptQueue } from './transcript-queue.ts';
import { type SpeechEvent, UtteranceCutter } from './utterances.ts';

const controlMessage = z.object({ type: z.enum(['KeepAlive', 'Finalize', 'CloseStream']) });

const TIMEOUT_REASON =
  'Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001';
const INTERIM: ResultFlags = { isFinal: false, isSpeechFinal: false, isFromFinalize: false };
const SILENT: ResultFlags = { isFinal: true, isSpeechFinal: false, isFromFinalize: false };

export interface ListenContext {
  models: SpeechModels;
  options: ListenOptions;
  requestId: string;
  /** How long neither audio nor a message may come before the connection is closed with 1011. */
  idleTimeoutMs: number;
}

/** One caller's stream of audio in, and of transcripts out. */
export class ListenConnection {
  readonly #socket: WebSocket;
  readonly #context: ListenContext;
  readonly #cutter: UtteranceCutter;
  readonly #transcripts: TranscriptQueue;
  readonly #created = new Date();
  readonly #idleTimer: NodeJS.Timeout;
  #leftover = Buffer.alloc(0);
  #lastWordEndSeconds: number | undefined;

  constructor(socket: WebSocket, context: ListenContext) {
    const { models, options, idleTimeoutMs } = context;
    this.#socket = socket;
    this.#context = context;
    this.#cutter = new UtteranceCutter(options.sampleRate, options.endpointingMs);
    this.#transcripts = new TranscriptQueue(
      (audio) => models.transcribe(audio, options.sampleRate),
      (error) => this.#fail(error),
    );
    this.#idleTimer = setTimeout(() => this.#end(1011, TIMEOUT_REASON), idleTimeoutMs);
    socket.on('message', (data: Buffer, isBinary) => {
      this.#idleTimer.refresh();
      if (isBinary) this.#onAudio(data);
      else this.#onControl(data.toString());
    });
    socket.on('close', () => clearTimeout(this.#idleTimer));
    // A broken connection also emits 'close'; without a listener here it would end the process.
    socket.on('error', () => undefined);
  }

  #onAudio(data: Buffer): void {
    if (data.length === 0) {
      // The older way to say CloseStream.
      this.#closeStream();
      return;
    }
    const bytes = Buffer.concat([this.#leftover, data]);
    this.#leftover = bytes.subarray(bytes.length - (bytes.length % 2));
    for (const event of this.#cutter.push(readInt16(bytes))) this.#onSpeech(event, false);
    this.#sendUtteranceEndIfDue();
  }

  #onControl(text: string): void {
    const message = controlMessage.safeParse(parseJson(text));
    if (!message.success) {
      const description = 'Could not read the text message: expected KeepAlive, Finalize or CloseStream.';
      this.#send({ type: 'Error', variant: 'UnparsableClientMessage', description, message: description });
    } else if (message.data.type === 'Finalize') this.#finalize();
    else if (message.data.type === 'CloseStream') this.#closeStream();
  }

  #finalize(): void {
    const events = this.#cutter.flush();
    for (const event of events) this.#onSpeech(event, true);
    if (events.length > 0) return;
    const nothing = { text: '', startSeconds: this.#cutter.positionSeconds, durationSeconds: 0 };
    // Nothing is left to transcribe, but the client may wait for an answer to its Finalize.
    this.#transcripts.addStep(() =>
      this.#sendResults(nothing, { isFinal: true, isSpeechFinal: false, isFromFinalize: true }),
    );
  }

  #closeStream(): void {
    for (const event of this.#cutter.flush()) this.#onSpeech(event, false);
    this.#end(1000, '');
  }

  #onSpeech(event: SpeechEvent, isFromFinalize: boolean): void {
    const { options } = this.#context;
    if (event.kind === 'started') {
      this.#lastWordEndSeconds = undefined;
      if (options.sendsVadEvents) this.#send(speechStartedMessage(event.atSeconds));
      return;
    }
    if (event.kind === 'silent') {
      this.#transcripts.addStep(() => this.#sendResults({ text: '', ...event }, SILENT));
      return;
    }
    const { audio, startSeconds, durationSeconds } = event;
    if (event.kind === 'grew') {
      if (!options.sendsInterimResults) return;
      this.#transcripts.addInterim(audio, (text) =>
        this.#sendResults({ text, startSeconds, durationSeconds }, INTERIM),
      );
      return;
    }
    this.#transcripts.addFinal(audio, (text) => {
      this.#lastWordEndSeconds = text === '' ? undefined : startSeconds + durationSeconds;
      const flags = { isFinal: true, isSpeechFinal: event.isEndpoint, isFromFinalize };
      this.#sendResults({ text, startSeconds, durationSeconds }, flags);
    });
  }

  #sendUtteranceEndIfDue(): void {
    const { utteranceEndMs } = this.#context.options;
    const end = this.#lastWordEndSeconds;
    if (utteranceEndMs === undefined || end === undefined || this.#cutter.isSpeaking) return;
    if ((this.#cutter.positionSeconds - end) * 1000 < utteranceEndMs) return;
    this.#lastWordEndSeconds = undefined;
    this.#send(utteranceEndMessage(end));
  }

  #sendResults(transcript: Transcript, flags: ResultFlags): void {
    const { requestId, options } = this.#context;
    this.#send(resultsMessage(requestId, options.model, transcript, flags));
  }

  #end(code: number, reason: string): void {
    this.#transcripts.addStep(() => {
      const { requestId, options } = this.#context;
      this.#send(metadataMessage(requestId, options.model, this.#created, this.#cutter.positionSeconds));
      this.#socket.close(code, reason);
    });
  }

  #fail(error: unknown): void {
    // The models end before the connections when the server stops: nobody is waiting any more.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    console.error(`speech recognition failed: ${String(error)}`);
    this.#socket.close(1011, 'Internal server error');
  }

  #send(message: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

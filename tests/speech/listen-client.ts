import { WebSocket } from 'ws';

export interface ListenMessage {
  type: string;
  is_final?: boolean;
  speech_final?: boolean;
  from_finalize?: boolean;
  start?: number;
  duration?: number;
  timestamp?: number;
  last_word_end?: number;
  channel?: { alternatives: { transcript: string; words: { word: string; start: number; end: number }[] }[] };
  metadata?: { request_id: string };
}

/** A bare client of `/v1/listen`. */
export class ListenClient {
  readonly messages: ListenMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as ListenMessage));
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  static async open(url: string, key: string, query: Record<string, string>): Promise<ListenClient> {
    const address = `${url.replace('http', 'ws')}/v1/listen?${new URLSearchParams(query)}`;
    const socket = new WebSocket(address, { headers: { Authorization: `Token ${key}` } });
    const client = new ListenClient(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** Sends audio in pieces of 20 ms at 16 kHz, as fast as they can be taken. */
  sendAudio(pcm: Int16Array): void {
    for (let i = 0; i < pcm.length; i += 320) this.#socket.send(pcm.slice(i, i + 320));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  send(message: object | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** The first message, past or to come, that is wanted. */
  async next(wanted: (message: ListenMessage) => boolean): Promise<ListenMessage> {
    for (;;) {
      const found = this.messages.find(wanted);
      if (found) return found;
      await new Promise((resolve, reject) => {
        this.#socket.once('message', resolve);
        this.#socket.once('close', () => reject(new Error('closed before the message came')));
      });
    }
  }
}

export const transcriptOf = (message: ListenMessage | undefined): string =>
  message?.channel?.alternatives[0]?.transcript ?? '';

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ModelReply, ModelRequest } from './models-worker.ts';
// Held by this thread, because ONNX Runtime cannot be loaded again once the last thread that had it is gone.
import 'onnxruntime-node';
import { speakableSentences } from './speakable-text.ts';
import { FLITE_RATE, type Voice } from './voices.ts';

interface SynthesisOptions {
  /** Hz of the result; 16000, Flite's own, unless given. */
  sampleRate?: number;
  /** 1 is the voice's own speed, 2 twice as fast. */
  speed?: number;
}

/** Speech recognition and synthesis in a thread of their own. Requests are answered one after the other. */
export interface SpeechModels {
  /**
   * Writes down what is said.
   *
   * @param pcm one channel
   * @param sampleRate Hz, 8000 to 48000
   * @returns '' for silence, noise, and anything shorter than 0.1 s
   */
  transcribe(pcm: Int16Array, sampleRate: number): Promise<string>;
  /**
   * Speaks a text.
   *
   * @returns one channel; no samples when the text holds nothing that can be said
   */
  synthesize(
    text: string,
    voice: Voice,
    options?: SynthesisOptions,
  ): Promise<{ pcm: Int16Array; sampleRate: number }>;
  /** False once the thread has ended: every request is then refused. */
  isRunning(): boolean;
  /** Ends the thread. Requests under way are refused. */
  close(): Promise<void>;
}

type Result = { resolve(reply: ModelReply): void; reject(error: Error): void };
type Question =
  | Omit<Extract<ModelRequest, { kind: 'transcribe' }>, 'id'>
  | Omit<Extract<ModelRequest, { kind: 'synthesize' }>, 'id'>;

/** Loads both models, which takes about a second. */
export async function startSpeechModels(): Promise<SpeechModels> {
  const folder = await mkdtemp(path.join(tmpdir(), 'speech-'));
  const worker = new ModelsThread(folder);
  const close = async () => {
    await worker.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await worker.loaded;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async transcribe(pcm, sampleRate) {
      const reply = await worker.ask({ kind: 'transcribe', pcm, sampleRate });
      if (!('text' in reply)) throw new Error('the models thread sent the wrong answer');
      return reply.text;
    },
    async synthesize(text, voice, { sampleRate = FLITE_RATE, speed = 1 } = {}) {
      const sentences = speakableSentences(text);
      const reply = await worker.ask({ kind: 'synthesize', sentences, voice, speed, sampleRate });
      if (!('pcm' in reply)) throw new Error('the models thread sent the wrong answer');
      return { pcm: reply.pcm, sampleRate };
    },
    isRunning: () => worker.ended === undefined,
    close,
  };
}

/** Questions to the thread and its answers, matched by number. */
class ModelsThread {
  readonly loaded: Promise<ModelReply>;
  ended: Error | undefined;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Result>();
  #lastId = 0;

  constructor(folder: string) {
    this.#worker = new Worker(new URL('./models-worker.ts', import.meta.url), {
      workerData: folder,
      // node:wasi says at each start that it is experimental. Flite's twenty system calls are settled.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.loaded = this.#waitFor(0);
    this.#worker.on('message', (reply: ModelReply) => this.#settle(reply));
    this.#worker.on('error', (error) =>
      this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on('exit', (code) => this.#fail(new Error(`the models thread ended with code ${code}`)));
  }

  ask(question: Question): Promise<ModelReply> {
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.#lastId;
    this.#worker.postMessage({ ...question, id } satisfies ModelRequest);
    return this.#waitFor(id);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #waitFor(id: number): Promise<ModelReply> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #settle(reply: ModelReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply);
  }

  #fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.ended);
    this.#waiting.clear();
  }
}

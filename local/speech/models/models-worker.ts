import { parentPort, workerData } from 'node:worker_threads';
import { concatenate, resample, toFloatSamples, toInt16Samples } from './audio-samples.ts';
import { correctSpelling } from './confusions.ts';
import { Flite } from './flite.ts';
import { Moonshine } from './moonshine.ts';
import { FLITE_RATE, type Voice } from './voices.ts';

/** A question to this thread, answered in the order asked. */
export type ModelRequest =
  | { id: number; kind: 'transcribe'; pcm: Int16Array; sampleRate: number }
  | { id: number; kind: 'synthesize'; sentences: string[]; voice: Voice; speed: number; sampleRate: number };

/** `id` is that of the request; id 0 says once that the models are loaded. */
export type ModelReply =
  | { id: number; text: string }
  | { id: number; pcm: Int16Array }
  | { id: number; error: string }
  | { id: 0 };

if (!parentPort) throw new Error('models-worker.ts runs in a worker thread only');
const port = parentPort;
const moonshine = await Moonshine.load();
const flite = await Flite.load(workerData as string);

let queue = Promise.resolve();
port.on('message', (request: ModelRequest) => {
  queue = queue.then(async () => {
    const reply = await answer(request).catch((error: unknown) => ({ id: request.id, error: String(error) }));
    port.postMessage(reply);
  });
});
port.postMessage({ id: 0 } satisfies ModelReply);

async function answer(request: ModelRequest): Promise<ModelReply> {
  if (request.kind === 'transcribe') {
    const text = await moonshine.transcribe(request.pcm, request.sampleRate);
    return { id: request.id, text: correctSpelling(text) };
  }
  const parts: Int16Array[] = [];
  for (const sentence of request.sentences) {
    const pcm = await flite.synthesize(sentence, request.voice, request.speed);
    parts.push(toInt16Samples(resample(toFloatSamples(pcm), FLITE_RATE, request.sampleRate)));
  }
  return { id: request.id, pcm: concatenate(parts) };
}

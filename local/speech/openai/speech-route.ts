import { type Response, Router } from 'express';
import { z } from 'zod';
import { hasModel } from '../../language-model/models.ts';
import { requireApiKey, sendInvalidBody, sendUnknownModel } from '../../language-model/openai-protocol.ts';
import type { SpeechModels } from '../models/models.ts';
import { speakableSentences } from '../models/speakable-text.ts';
import type { Voice } from '../models/voices.ts';

/** Hz of `pcm` and `wav`, as OpenAI's. */
const OUTPUT_RATE = 24000;

const VOICES = {
  alloy: 'slt',
  ash: 'slt',
  ballad: 'awb',
  cedar: 'kal16',
  coral: 'slt',
  echo: 'rms',
  fable: 'awb',
  marin: 'slt',
  nova: 'slt',
  onyx: 'rms',
  sage: 'slt',
  shimmer: 'slt',
  verse: 'kal16',
} as const satisfies Record<string, Voice>;

const speechBody = z.object({
  model: z.string().min(1),
  input: z.string().min(1).max(4096),
  voice: z.enum(Object.keys(VOICES) as (keyof typeof VOICES)[]),
  response_format: z
    .enum(['pcm', 'wav'], { error: 'must be pcm or wav: nothing here can write mp3, opus, aac or flac' })
    .default('wav'),
  speed: z.number().min(0.25).max(4).default(1),
  /** sse: the sound in events, as OpenAI's Python plugin for LiveKit asks for it. */
  stream_format: z.enum(['audio', 'sse'], { error: 'must be audio or sse' }).default('audio'),
});

/**
 * `POST /v1/audio/speech` (https://platform.openai.com/docs/api-reference/audio/createSpeech): each sentence is
 * sent as soon as it is spoken. OpenAI's default format is mp3, which nothing here can write; ours is wav.
 */
export function createSpeechRoute(models: SpeechModels, apiKey: string): Router {
  const router = Router();
  router.post('/v1/audio/speech', requireApiKey(apiKey), async (request, response) => {
    const body = speechBody.safeParse(request.body);
    if (!body.success) return sendInvalidBody(response, body.error);
    const { model, input, voice, response_format: format, speed, stream_format: stream } = body.data;
    if (!hasModel('speech', model)) return sendUnknownModel(response, model);
    const sound = stream === 'sse' ? eventSound(response, input) : plainSound(response);
    const sentences = speakableSentences(input);
    for (const [index, sentence] of sentences.entries()) {
      const { pcm } = await models.synthesize(sentence, VOICES[voice], { speed, sampleRate: OUTPUT_RATE });
      // The caller has interrupted: what nobody hears need not be spoken.
      if (response.destroyed) return;
      if (index === 0) sound.start(format);
      sound.write(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
    }
    if (sentences.length === 0) sound.start(format);
    sound.end();
  });
  return router;
}

type Format = 'pcm' | 'wav';
type Sound = { start(format: Format): void; write(part: Uint8Array): void; end(): void };

const plainSound = (response: Response): Sound => ({
  start(format) {
    response.type(format === 'pcm' ? 'audio/pcm' : 'audio/wav');
    if (format === 'wav') response.write(streamingWavHeader());
  },
  write: (part) => void response.write(part),
  end: () => void response.end(),
});

/** The same in events: https://platform.openai.com/docs/api-reference/audio/speech-audio-delta-event. */
function eventSound(response: Response, input: string): Sound {
  const send = (event: { type: string }) => response.write(`data: ${JSON.stringify(event)}\n\n`);
  const write = (part: Uint8Array) =>
    void send(Object.assign({ type: 'speech.audio.delta' }, { audio: Buffer.from(part).toString('base64') }));
  let bytes = 0;
  return {
    start(format) {
      response.type('text/event-stream');
      if (format === 'wav') write(streamingWavHeader());
    },
    write(part) {
      bytes += part.byteLength;
      write(part);
    },
    end() {
      const [input_tokens, output_tokens] = [Math.ceil(input.length / 4), Math.ceil(bytes / 2400)];
      const usage = { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
      send(Object.assign({ type: 'speech.audio.done' }, { usage }));
      response.end();
    },
  };
}

/** The length is not known yet, so both length fields hold the largest number, as OpenAI sends it. */
function streamingWavHeader(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(0xffffffff, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(OUTPUT_RATE, 24);
  header.writeUInt32LE(OUTPUT_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(0xffffffff, 40);
  return header;
}

import { type Response, Router } from 'express';
import { z } from 'zod';
import { requireApiKey, sendInvalidBody } from '../../language-model/openai-protocol.ts';
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
  response_format: z.enum(['pcm', 'wav']).default('wav'),
  speed: z.number().min(0.25).max(4).default(1),
  stream_format: z.literal('audio').optional(),
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
    const { input, voice, response_format: format, speed } = body.data;
    const sentences = speakableSentences(input);
    for (const [index, sentence] of sentences.entries()) {
      const { pcm } = await models.synthesize(sentence, VOICES[voice], { speed, sampleRate: OUTPUT_RATE });
      // The caller has interrupted: what nobody hears need not be spoken.
      if (response.destroyed) return;
      if (index === 0) startAudio(response, format);
      response.write(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
    }
    if (sentences.length === 0) startAudio(response, format);
    response.end();
  });
  return router;
}

function startAudio(response: Response, format: 'pcm' | 'wav'): void {
  response.type(format === 'pcm' ? 'audio/pcm' : 'audio/wav');
  if (format === 'wav') response.write(streamingWavHeader());
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

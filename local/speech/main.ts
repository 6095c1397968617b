import { z } from 'zod';
import { port } from '../../shared/config/kinds.ts';
import { readVariablesOrExit } from '../read-variables.ts';
import { startSpeechServer } from './server.ts';

const environment = z.object({
  ENVIRONMENT: z
    .string()
    .optional()
    .refine((name) => name !== 'production', 'the speech stand-in must not run in production'),
  SPEECH_STAND_IN_PORT: port(0),
  DEEPGRAM_API_KEY: z.string().min(1),
  OPENAI_API_KEY: z.string().min(1),
});

const config = readVariablesOrExit(environment);
const server = await startSpeechServer({
  port: config.SPEECH_STAND_IN_PORT,
  deepgramApiKey: config.DEEPGRAM_API_KEY,
  openaiApiKey: config.OPENAI_API_KEY,
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => server.close());
console.log(JSON.stringify({ ready: true, url: server.url }));

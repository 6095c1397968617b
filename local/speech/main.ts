import { z } from 'zod';
import { startSpeechServer } from './server.ts';

const environment = z.object({
  ENVIRONMENT: z
    .string()
    .optional()
    .refine((name) => name !== 'production', 'the speech stand-in must not run in production'),
  SPEECH_STAND_IN_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  DEEPGRAM_API_KEY: z.string().min(1),
  OPENAI_API_KEY: z.string().min(1),
});

const config = environment.safeParse(process.env);
if (!config.success) {
  console.error(z.prettifyError(config.error));
  process.exit(1);
}
const server = await startSpeechServer({
  port: config.data.SPEECH_STAND_IN_PORT,
  deepgramApiKey: config.data.DEEPGRAM_API_KEY,
  openaiApiKey: config.data.OPENAI_API_KEY,
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => server.close());
console.log(JSON.stringify({ ready: true, url: server.url }));

import { writeFileSync } from 'node:fs';
import { wavFile } from '../../local/caller/wav-file.ts';
import { startSpeechModels } from '../../local/speech/models/models.ts';
import type { Voice } from '../../local/speech/models/voices.ts';

const RATE = 48_000;

/** A sound file for Chromium's fake microphone: silence, then each sentence with a pause after it. */
export async function writeMicrophoneFile(
  file: string,
  script: readonly { silenceSeconds: number; text: string }[],
  voice: Voice = 'slt',
): Promise<void> {
  const models = await startSpeechModels();
  const parts: Int16Array[] = [];
  for (const { silenceSeconds, text } of script) {
    const { pcm } = await models.synthesize(text, voice, { sampleRate: RATE });
    parts.push(new Int16Array(silenceSeconds * RATE), pcm);
  }
  parts.push(new Int16Array(120 * RATE));
  await models.close();
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  writeFileSync(file, wavFile([samples], RATE));
}

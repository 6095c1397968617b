import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { wavFile } from '../../local/caller/wav-file.ts';
import { findChromium } from '../../local/find-chromium.ts';
import { startSpeechModels } from '../../local/speech/models/models.ts';
import type { Voice } from '../../local/speech/models/voices.ts';

// The call that visitors can listen to before they have an account: npm run sample. Written once, by the voices of this
// machine, as WebM with Opus, which a browser encodes; with its captions beside it.

type Line = { speaker: 'agent' | 'caller'; text: string };

const LINES: Line[] = [
  { speaker: 'agent', text: 'Hello, this is MindBot. You have one hour. What can I do for you?' },
  { speaker: 'caller', text: 'I have a job interview tomorrow. Can we practise?' },
  { speaker: 'agent', text: 'With pleasure. I play the interviewer. Tell me, why do you want this job?' },
  { speaker: 'caller', text: 'Wait. How much time do I have left?' },
  { speaker: 'agent', text: 'You have fifty nine minutes and forty seconds left. So, why this job?' },
];
const VOICES: Record<Line['speaker'], Voice> = { agent: 'slt', caller: 'rms' };
const RATE = 48_000;
const PAUSE_SECONDS = 0.55;
const BITS_PER_SECOND = 24_000;

async function speak(): Promise<{ samples: Int16Array; cues: (Line & { from: number; to: number })[] }> {
  const models = await startSpeechModels();
  const pause = new Int16Array(PAUSE_SECONDS * RATE);
  const parts: Int16Array[] = [];
  const cues = [];
  let frames = 0;
  for (const line of LINES) {
    const { pcm } = await models.synthesize(line.text, VOICES[line.speaker], { sampleRate: RATE });
    cues.push({ ...line, from: frames / RATE, to: (frames + pcm.length) / RATE });
    parts.push(pcm, pause);
    frames += pcm.length + pause.length;
  }
  await models.close();
  const samples = new Int16Array(frames);
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return { samples, cues };
}

/** Plays a recording to a browser's own encoder. It takes as long as the recording. */
async function encode(wav: Buffer): Promise<Buffer> {
  const executablePath = findChromium(process.env);
  if (executablePath === null) throw new Error('a Chromium is needed to encode the sample');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
  });
  try {
    const page = await browser.newPage();
    const encoded = await page.evaluate(`(async () => {
      const bytes = Uint8Array.from(atob('${wav.toString('base64')}'), (c) => c.charCodeAt(0));
      const context = new AudioContext({ sampleRate: ${RATE} });
      const source = context.createBufferSource();
      source.buffer = await context.decodeAudioData(bytes.buffer);
      const into = context.createMediaStreamDestination();
      source.connect(into);
      const recorder = new MediaRecorder(into.stream, {
        mimeType: 'audio/webm;codecs=opus', audioBitsPerSecond: ${BITS_PER_SECOND} });
      const parts = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const ended = new Promise((resolve) => { recorder.onstop = resolve; });
      recorder.start();
      source.start();
      await new Promise((resolve) => { source.onended = resolve; });
      recorder.stop();
      await ended;
      const file = new Uint8Array(await new Blob(parts).arrayBuffer());
      return btoa(Array.from(file, (byte) => String.fromCharCode(byte)).join(''));
    })()`);
    return Buffer.from(String(encoded), 'base64');
  } finally {
    await browser.close();
  }
}

/** A moment as WebVTT has it. */
const moment = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 23);

const folder = join(import.meta.dirname, '../../web/src/landing/sample');
const { samples, cues } = await speak();
writeFileSync(join(folder, 'call.webm'), await encode(wavFile([samples], RATE)));
const captions = cues.map(
  ({ speaker, text, from, to }) => `${moment(from)} --> ${moment(to)}\n<v ${speaker}>${text}\n`,
);
writeFileSync(join(folder, 'call.en.vtt'), `WEBVTT\n\n${captions.join('\n')}`);
console.log(`${readFileSync(join(folder, 'call.webm')).length} bytes, ${cues.length} lines`);

import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatRequest } from '../../../local/language-model/chat-request.ts';
import { Completion } from '../../../local/language-model/completion.ts';
import { nowMs } from '../clock.ts';
import { DELAYS, REPLY, type Stamp, VOICE_SPEED } from './delays.ts';

/** What is remembered of each call; see agent/memory/extract-facts.ts. */
const NOTES = '{"facts":[{"text":"Likes rivers.","kind":"preference","replaces":null}]}';

const RATE = 24_000;
/** Faster than anybody speaks: what comes after the first sound is not measured. */
const MS_PER_LETTER = 35;
const CHUNK_MS = 100;
const TONE_HZ = 220;
const LOUDNESS = 8000;

type Told = (what: Stamp['what']) => void;

const until = (atMs: number) => sleep(Math.max(0, atMs - nowMs()));

/** OpenAI's chat completions: always the same words, a word every so many milliseconds. */
export async function answerChat(body: string, response: ServerResponse, stamp: Told): Promise<void> {
  const askedAtMs = nowMs();
  const request = chatRequest.parse(JSON.parse(body));
  if (!request.stream) {
    response.setHeader('content-type', 'application/json');
    return void response.end(JSON.stringify(new Completion(request, { text: NOTES }).toJson()));
  }
  const completion = new Completion(request, { text: REPLY });
  stamp('model_asked');
  response.setHeader('content-type', 'text/event-stream');
  let dueAtMs = askedAtMs + DELAYS.firstToken;
  let sent = 0;
  for (const chunk of completion.toChunks()) {
    await until(dueAtMs);
    if (response.destroyed) return;
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    sent += 1;
    // The first chunk names the role and holds no word yet.
    if (sent === 2) stamp('first_token_sent');
    if (sent > 1) dueAtMs += DELAYS.token;
  }
  response.end('data: [DONE]\n\n');
}

/** A tone that lasts as long as the text would. Its first sample is loud, so that its beginning can be told exactly. */
function toneOf(text: string): Buffer {
  const samples = Math.round((text.length * MS_PER_LETTER * RATE) / 1000);
  const pcm = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at++) {
    pcm.writeInt16LE(Math.round(LOUDNESS * Math.cos((2 * Math.PI * TONE_HZ * at) / RATE)), at * 2);
  }
  return pcm;
}

/** OpenAI's speech as 24 kHz PCM: a fixed delay to the first byte, then at a steady pace. */
export async function answerSpeech(body: string, response: ServerResponse, stamp: Told): Promise<void> {
  const askedAtMs = nowMs();
  stamp('voice_asked');
  const { input } = JSON.parse(body) as { input: string };
  const pcm = toneOf(input);
  const chunkBytes = (RATE * 2 * CHUNK_MS) / 1000;
  response.setHeader('content-type', 'audio/pcm');
  for (let at = 0; at < pcm.length; at += chunkBytes) {
    await until(askedAtMs + DELAYS.firstByte + ((at / chunkBytes) * CHUNK_MS) / VOICE_SPEED);
    if (response.destroyed) return;
    response.write(pcm.subarray(at, at + chunkBytes));
    if (at === 0) stamp('first_byte_sent');
  }
  response.end();
}

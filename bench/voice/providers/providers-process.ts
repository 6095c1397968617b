import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { nowMs } from '../clock.ts';
import type { Stamp } from './delays.ts';
import { answerChat, answerSpeech } from './scripted-llm-and-tts.ts';
import { serveScriptedStt } from './scripted-stt.ts';

/** Nobody fetches the stamps of a long run with many calls. */
const STAMPS_KEPT = 5000;

/** The scripted recogniser, model and voice on one port, in a process of their own. `GET /stamps` tells, and forgets, what happened. */
let stamps: Stamp[] = [];
const keep = (stamp: Stamp) => {
  stamps.push(stamp);
  if (stamps.length > STAMPS_KEPT) stamps = stamps.slice(-STAMPS_KEPT / 2);
};

const server = createServer(async (request, response) => {
  const key = request.headers.authorization?.replace(/^bearer /i, '') ?? '';
  const stamp = (what: Stamp['what']) => keep({ key, what, atMs: nowMs() });
  const path = request.url ?? '';
  if (path === '/stamps') {
    response.end(JSON.stringify(stamps));
    stamps = [];
  } else if (path.endsWith('/chat/completions')) await answerChat(await text(request), response, stamp);
  else if (path.endsWith('/audio/speech')) await answerSpeech(await text(request), response, stamp);
  else if (path.endsWith('/models')) response.end(JSON.stringify({ object: 'list', data: [] }));
  else response.writeHead(404).end('{}');
});
serveScriptedStt(server, keep);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (typeof address !== 'object' || address === null) throw new Error('no port');
process.once('SIGTERM', () => process.exit(0));
console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${address.port}` }));

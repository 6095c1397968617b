import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { AudioReader, RATE } from './heard-audio.ts';

/**
 * How a recogniser may behave: `stalled` never says a word, `stumbling` breaks down after a first guess, `down` takes no
 * connection, a number is a refusal.
 */
type Behaviour = 'well' | 'stalled' | 'stumbling' | 'unopened' | 'down' | number;

const INTERIM_SAMPLES = RATE / 2;

/** Serves one connection by Deepgram's protocol. */
function recognise(socket: WebSocket, isWell: () => boolean, onControl: (type: string) => void): void {
  const reader = new AudioReader();
  let doneUntil = 0;
  let toldAt = 0;
  const send = (words: readonly string[], start: number, end: number, flags: object) => {
    if (!isWell()) return;
    const times = { start: start / RATE, duration: (end - start) / RATE };
    const alternative = { transcript: words.join(' '), confidence: 1, words: [] };
    socket.send(
      JSON.stringify({
        type: 'Results',
        ...times,
        ...flags,
        channel: { alternatives: [alternative] },
        metadata: { request_id: 'request' },
      }),
    );
    toldAt = reader.position;
  };
  const final = (flags: object) => {
    const { words, end } = reader.take();
    send(words, doneUntil, end, { is_final: true, ...flags });
    if (isWell()) doneUntil = end;
  };
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) {
      const { type } = JSON.parse(String(data)) as { type: string };
      onControl(type);
      // Deepgram need not answer when there is nothing left that matters.
      if (type === 'Finalize' && (reader.isInWord || reader.soFar.words.length > 0))
        final({ from_finalize: true });
      if (type === 'CloseStream' && isWell()) {
        final({});
        socket.close(1000);
      }
      return;
    }
    const bytes = Uint8Array.from(data);
    if (reader.read(new Int16Array(bytes.buffer))) final({ speech_final: true });
    else if (reader.position - toldAt >= INTERIM_SAMPLES) {
      const { words } = reader.soFar;
      if (words.length > 0 || reader.isInWord) send(words, doneUntil, reader.position, { is_final: false });
      else final({});
    }
  });
}

/** A recogniser whose every fault is at a test's command. It hears the audio of `wordsAsAudio`. */
export async function startScriptedRecogniser() {
  const streams = new Set<WebSocket>();
  const sockets = new Set<Socket>();
  const controls: string[] = [];
  const requests: { url: string; authorization: string | undefined }[] = [];
  let behaviour: Behaviour = 'well';
  const web = new WebSocketServer({ noServer: true });
  const server = createServer();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    if (behaviour === 'down') {
      requests.push({ url: '', authorization: undefined });
      socket.resetAndDestroy();
    }
  });
  server.on('upgrade', (request, socket, head) => {
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
    // Read, so that it is known when the other side goes.
    if (behaviour === 'unopened') return void socket.on('end', () => socket.destroy()).resume();
    if (typeof behaviour === 'number') {
      return void socket.end(`HTTP/1.1 ${behaviour} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
    web.handleUpgrade(request, socket, head, (stream) => {
      streams.add(stream);
      stream.on('error', () => {}).on('close', () => streams.delete(stream));
      recognise(
        stream,
        () => behaviour !== 'stalled',
        (type) => controls.push(type),
      );
      stream.on('message', (_data, isBinary) => {
        if (behaviour === 'stumbling' && isBinary) setTimeout(() => stream.terminate(), 5);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    controls,
    streams,
    sockets,
    cut,
    behave(next: Behaviour) {
      behaviour = next;
    },
    async close() {
      cut();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export type ScriptedRecogniser = Awaited<ReturnType<typeof startScriptedRecogniser>>;

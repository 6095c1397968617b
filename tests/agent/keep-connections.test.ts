import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { keepConnections } from '../../agent/worker/processes.ts';

const before = getGlobalDispatcher();
afterEach(() => setGlobalDispatcher(before));

/** Connections that two requests take with a pause between them in which people speak. */
async function connectionsOfTwoTurns(): Promise<number> {
  let connections = 0;
  const server = createServer((_request, response) => response.end('answer'));
  // A hint of the server's would decide how long the client waits.
  server.keepAliveTimeout = 0;
  server.on('connection', () => connections++).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  await (await fetch(url)).text();
  await sleep(5_000);
  await (await fetch(url)).text();
  server.closeAllConnections();
  server.close();
  return connections;
}

test('a turn does not begin with a new connection', async () => {
  expect(await connectionsOfTwoTurns()).toBe(2);
  keepConnections();
  expect(await connectionsOfTwoTurns()).toBe(1);
});

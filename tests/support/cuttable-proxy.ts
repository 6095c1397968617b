import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes TCP connections on to another port, until they are cut or held up as by a network that fails. */
export async function startCuttableProxy(toPort: number) {
  const sockets = new Set<Socket>();
  let state: 'open' | 'refusing' | 'stalled' = 'open';
  const server = createServer((near) => {
    if (state === 'refusing') return void near.resetAndDestroy();
    const far = connect(toPort, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    // Nobody there, or gone: whoever waits shall know.
    far.on('error', () => near.resetAndDestroy());
    if (state === 'stalled') for (const socket of [near, far]) socket.pause();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    /** Cuts what is connected and takes no new connections until `restore`. */
    refuse() {
      state = 'refusing';
      cut();
    },
    /** Connections stay and new ones are taken, but nothing passes until `restore`; then all of it does. */
    stall() {
      state = 'stalled';
      for (const socket of sockets) socket.pause();
    },
    restore() {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

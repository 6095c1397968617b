import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoomServiceClient, WebhookReceiver } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../local/free-port.ts';
import { canBuild } from '../../local/livekit/build-livekit-server.ts';
import { findLiveKitServer } from '../../local/livekit/find-livekit-server.ts';
import { findOrBuildLiveKitServer } from '../../local/livekit/find-or-build-livekit-server.ts';
import { type LiveKitServer, startLiveKitServer } from '../../local/livekit/start-livekit-server.ts';
import { needsMediaServer } from '../support/media-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'mindbot-livekit-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, lines = 'exit 0'): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
  return file;
}

const home = join(folder, 'home');
const nothing = { PATH: '/nowhere', HOME: join(folder, 'nobody') };
const search = (env: Record<string, string>) =>
  findOrBuildLiveKitServer({
    env,
    home,
    signal: new AbortController().signal,
    onBuild: () => expect.unreachable('nothing can be built'),
  });

describe('finding a server', () => {
  test('the one that is named, on PATH, in the folders of Go, or in a cache, in this order', () => {
    const built = program('home/bin/livekit-server');
    expect(findLiveKitServer(nothing, home)).toBe(built);
    const cached = program('cache/mindbot/livekit-server-v1.13.5');
    const env = { ...nothing, XDG_CACHE_HOME: join(folder, 'cache') };
    expect(findLiveKitServer(env, home)).toBe(cached);
    const byGo = program('go/livekit-server');
    expect(findLiveKitServer({ ...env, GOBIN: join(folder, 'go') }, home)).toBe(byGo);
    const onPath = program('path/livekit-server');
    const all = { ...env, GOBIN: join(folder, 'go'), PATH: `/nowhere:${join(folder, 'path')}` };
    expect(findLiveKitServer(all, home)).toBe(onPath);
    const named = program('named');
    expect(findLiveKitServer({ ...all, LIVEKIT_SERVER_BINARY: named }, home)).toBe(named);
  });

  test('none, and a sentence why: switched off, named wrongly, or nothing here to build it with', async () => {
    const off = await search({ ...nothing, LIVEKIT_SERVER_BINARY: 'none' });
    expect(off).toEqual({ binary: null, reason: expect.stringContaining('switches it off') });
    const wrong = await search({ ...nothing, LIVEKIT_SERVER_BINARY: '/nowhere/server' });
    expect(wrong).toEqual({ binary: null, reason: expect.stringContaining('/nowhere/server') });
    rmSync(home, { recursive: true, force: true });
    const none = await search(nothing);
    expect(none).toEqual({ binary: null, reason: expect.stringContaining('install Go 1.26') });
  });

  test('Go builds it from 1.26 on', () => {
    const versions = [
      'go version go1.25.9 linux/amd64',
      'go version go1.26 darwin/arm64',
      'go version go2.0.1 x',
      '',
    ];
    expect(versions.map(canBuild)).toEqual([false, true, true, false]);
  });

  test('a build that fails says so and how else to get a server', async () => {
    program(
      'broken-go/go',
      'if [ "$1" = version ]; then echo go version go1.26.8 x/y; else echo no network >&2; exit 1; fi',
    );
    const found = await findOrBuildLiveKitServer({
      env: { ...nothing, PATH: `${join(folder, 'broken-go')}:/usr/bin:/bin` },
      home,
      signal: new AbortController().signal,
      onBuild() {},
    });
    expect(found).toEqual({
      binary: null,
      reason: expect.stringMatching(/could not be built \(no network\).*LIVEKIT_URL/),
    });
  });
});

test('a server that does not start is an error with its last words', async () => {
  const binary = program('dies', 'echo no such option; exit 2');
  const start = startLiveKitServer({
    binary,
    port: await freePort(),
    apiKey: 'k',
    apiSecret: 's',
    dataDir: folder,
  });
  await expect(start).rejects.toThrow(/status 2.*no such option/s);
});

const binary = findLiveKitServer(process.env, home);

describe.skipIf(binary === null)('a real server', needsMediaServer, () => {
  const apiKey = 'APIstandintest';
  const apiSecret = `standin${'x'.repeat(40)}`;
  const events: { name: string | undefined; body: string; authorization: string | undefined }[] = [];
  const sidecar = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      events.push({ name: JSON.parse(body).event, body, authorization: request.headers.authorization });
      response.end();
    });
  });
  let server: LiveKitServer;
  let address: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => sidecar.listen(0, '127.0.0.1', resolve));
    const webhookUrl = `http://127.0.0.1:${(sidecar.address() as AddressInfo).port}/webhooks/livekit`;
    const port = await freePort();
    server = await startLiveKitServer({
      binary: binary ?? '',
      port,
      apiKey,
      apiSecret,
      webhookUrl,
      dataDir: folder,
    });
    address = server.url.replace('ws:', 'http:');
  });
  afterAll(async () => {
    await server?.stop();
    sidecar.close();
  });

  test('takes our key pair and refuses every other', async () => {
    const rooms = new RoomServiceClient(address, apiKey, apiSecret);
    await rooms.createRoom({ name: 'here' });
    expect((await rooms.listRooms()).map(({ name }) => name)).toEqual(['here']);
    const stranger = new RoomServiceClient(address, 'devkey', 'secret');
    await expect(stranger.listRooms()).rejects.toMatchObject({ status: 401 });
    const forger = new RoomServiceClient(address, apiKey, 'x'.repeat(47));
    await expect(forger.listRooms()).rejects.toMatchObject({ status: 401 });
  });

  test('tells the sidecar what happens, signed with the same pair', async () => {
    const rooms = new RoomServiceClient(address, apiKey, apiSecret);
    await rooms.createRoom({ name: 'announced' });
    await expect.poll(() => events.map(({ name }) => name)).toContain('room_started');
    const [event] = events;
    const receiver = new WebhookReceiver(apiKey, apiSecret);
    const received = await receiver.receive(event?.body ?? '', event?.authorization);
    expect(received.event).toBe('room_started');
  });

  test('ends when it is asked to', async () => {
    await server.stop();
    await expect(fetch(address)).rejects.toThrow();
    expect(await server.exited).toBe('status 0');
  });
});

import { Room } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MAX_PACKETS, watchFloods } from '../../agent/call/stop-floods.ts';
import { boundStreams, MAX_STREAM_BYTES } from '../../agent/typed/bound-streams.ts';
import { systemClock } from '../../shared/clock.ts';
import {
  type MediaServer,
  mediaServerBinary,
  memberToken,
  needsMediaServer,
  startMediaServer,
} from '../support/media-server.ts';
import { patience } from '../support/patience.ts';

vi.hoisted(() => {
  // The media client writes debug lines to stdout in every other environment.
  process.env.NODE_ENV = 'production';
});

describe.skipIf(mediaServerBinary === null)('a stream of a caller', needsMediaServer, () => {
  let server: MediaServer;
  const [agent, caller] = [new Room(), new Room()];
  const read: (number | string)[] = [];
  beforeAll(async () => {
    server = await startMediaServer(mediaServerBinary ?? '');
    boundStreams(agent);
    agent.registerTextStreamHandler('lk.chat', async (reader) => {
      let length = 0;
      try {
        for await (const piece of reader) length += piece.length;
        read.push(length);
      } catch (error) {
        read.push(String(error));
      }
    });
    const options = { autoSubscribe: true, dynacast: false };
    await agent.connect(server.url, await memberToken('room', 'agent'), options);
    await caller.connect(server.url, await memberToken('room', 'caller'), options);
    await vi.waitUntil(() => agent.remoteParticipants.size === 1, 10_000);
  });
  afterAll(async () => {
    await caller.disconnect();
    await agent.disconnect();
    await server.close();
  });

  test('is ended by the media stack where it is too long, whatever it says of its length', async () => {
    await caller.localParticipant?.sendText('Hello.', { topic: 'lk.chat' });
    await vi.waitUntil(() => read.length === 1, 10_000);
    // One character over and over: packed it is small.
    await caller.localParticipant?.sendText('x'.repeat(2 * MAX_STREAM_BYTES), { topic: 'lk.chat' });
    await vi.waitUntil(() => read.length === 2, 10_000);
    const writer = await caller.localParticipant?.streamText({ topic: 'lk.chat' });
    for (let pieces = 0; pieces < 10; pieces++) await writer?.write('y'.repeat(10_000));
    await writer?.close();
    await vi.waitUntil(() => read.length === 3, 10_000);
    const ended = expect.stringContaining('exceeds maximum size');
    expect(read).toEqual([6, ended, ended]);
  });

  test('counts for a flood as anything that comes does, methods called that nobody has included', async () => {
    let floods = 0;
    watchFloods(agent, { clock: systemClock, flooded: () => floods++ });
    const call = () =>
      caller.localParticipant?.performRpc({ destinationIdentity: 'agent', method: 'none', payload: 'x' });
    const results = await Promise.allSettled(Array.from({ length: MAX_PACKETS + 50 }, call));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await vi.waitUntil(() => floods > 0, patience(10_000));
  });
});

import { EventEmitter } from 'node:events';
import { type Room, RoomEvent } from '@livekit/rtc-node';
import { ParticipantInfo, ParticipantPermission } from 'livekit-server-sdk';
import { expect, it } from 'vitest';
import { MAX_PACKETS, takeDataAway, WITHIN_MS, watchFloods } from '../../agent/call/stop-floods.ts';
import { createLogger } from '../../shared/logging.ts';
import { FakeClock } from '../support/fake-clock.ts';

function scene() {
  const clock = new FakeClock();
  const counts = { packets: 0, isDown: false };
  const channel = (messagesReceived: number) => ({
    stats: { case: 'dataChannel', value: { dc: { messagesReceived } } },
  });
  const sound = { stats: { case: 'inboundRtp', value: { received: { packetsReceived: 1_000_000n } } } };
  const room = Object.assign(new EventEmitter(), {
    async getRtcStats() {
      if (counts.isDown) throw new Error('no connection');
      return { publisherStats: [channel(counts.packets)], subscriberStats: [sound, channel(0)] };
    },
  });
  let floods = 0;
  const flooded = () => {
    floods++;
  };
  watchFloods(room as unknown as Room, { clock, flooded });
  return {
    clock,
    room,
    counts,
    /** So many packets come within one span. @returns how often a flood was told of so far */
    async span(packets: number): Promise<number> {
      counts.packets += packets;
      await clock.advance(WITHIN_MS);
      return floods;
    },
  };
}

it('tells of more packets than any client sends, once in a span, and again when it goes on', async () => {
  const { span } = scene();
  expect(await span(MAX_PACKETS)).toBe(0);
  expect(await span(5 * MAX_PACKETS)).toBe(1);
  expect(await span(MAX_PACKETS)).toBe(1);
  expect(await span(MAX_PACKETS + 1)).toBe(2);
});

it('says nothing of a long call', async () => {
  const { span } = scene();
  for (let at = 0; at < 100; at++) expect(await span(MAX_PACKETS)).toBe(0);
});

it('goes on over another connection, which is counted from nothing, and ends with the room', async () => {
  const { clock, counts, room, span } = scene();
  await span(MAX_PACKETS);
  counts.isDown = true;
  expect(await span(0)).toBe(0);
  Object.assign(counts, { isDown: false, packets: 0 });
  expect(await span(MAX_PACKETS - 1)).toBe(0);
  expect(await span(2 * MAX_PACKETS)).toBe(1);
  counts.packets = 0;
  expect(await span(MAX_PACKETS + 1)).toBe(2);
  room.emit(RoomEvent.Disconnected);
  expect(clock.pending).toBe(0);
});

it('takes the right to send data, and no other', async () => {
  const permission = new ParticipantPermission({
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
  });
  const updates: unknown[] = [];
  const rooms = {
    getParticipant: async () => new ParticipantInfo({ permission }),
    async updateParticipant(...update: unknown[]) {
      updates.push(update);
      return new ParticipantInfo();
    },
  };
  const logger = createLogger('call', 'silent');
  await takeDataAway(rooms, { roomName: 'room', identity: 'caller', logger });
  expect(updates).toEqual([
    [
      'room',
      'caller',
      {
        permission: expect.objectContaining({ canPublish: true, canSubscribe: true, canPublishData: false }),
      },
    ],
  ]);
  const absent = { ...rooms, getParticipant: () => Promise.reject(new Error('not found')) };
  await expect(
    takeDataAway(absent, { roomName: 'room', identity: 'caller', logger }),
  ).resolves.toBeUndefined();
});

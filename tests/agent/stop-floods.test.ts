import { EventEmitter } from 'node:events';
import { type Room, RoomEvent } from '@livekit/rtc-node';
import { ParticipantInfo, ParticipantPermission } from 'livekit-server-sdk';
import { expect, it } from 'vitest';
import { MAX_PACKETS, takeDataAway, WITHIN_MS, watchFloods } from '../../agent/call/stop-floods.ts';
import { createLogger } from '../../shared/logging.ts';
import { FakeClock } from '../support/fake-clock.ts';

function scene() {
  const clock = new FakeClock();
  const opened: unknown[] = [];
  const room = Object.assign(new EventEmitter(), {
    handleTextStreamOpened: (...what: unknown[]) => void opened.push(what),
    handleByteStreamOpened: (...what: unknown[]) => void opened.push(what),
  });
  let floods = 0;
  const flooded = () => {
    floods++;
  };
  watchFloods(room as unknown as Room, { identity: 'caller', clock, flooded });
  const packets = (count: number, identity = 'caller') => {
    for (let packet = 0; packet < count; packet++) {
      room.emit(RoomEvent.DataReceived, new Uint8Array(1), { identity });
    }
  };
  return { clock, room, opened, packets, floods: () => floods };
}

it('tells of more packets than any client sends, once in a span, and again when it goes on', async () => {
  const { clock, packets, floods } = scene();
  packets(MAX_PACKETS);
  expect(floods()).toBe(0);
  packets(5 * MAX_PACKETS);
  expect(floods()).toBe(1);
  await clock.advance(WITHIN_MS);
  packets(MAX_PACKETS + 1);
  expect(floods()).toBe(2);
});

it('says nothing of a long call, or of what the agent itself sends', async () => {
  const { clock, packets, floods } = scene();
  for (let span = 0; span < 10; span++) {
    packets(MAX_PACKETS);
    packets(1000, 'agent');
    await clock.advance(WITHIN_MS);
  }
  expect(floods()).toBe(0);
});

it.each(['handleTextStreamOpened', 'handleByteStreamOpened'] as const)(
  'counts streams (%s), and hands them on',
  (open) => {
    const { room, opened, packets, floods } = scene();
    packets(MAX_PACKETS);
    room[open]('reader', 'caller');
    expect(opened).toEqual([['reader', 'caller']]);
    expect(floods()).toBe(1);
  },
);

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

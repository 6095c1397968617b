import { DisconnectReason } from '@livekit/rtc-node';
import { describe, expect, it } from 'vitest';
import type { Presence } from '../../agent/call/line.ts';
import { presenceOf } from '../../agent/call/watch-uplink.ts';
import { dead, dying } from './dying-line.ts';
import { scriptedRoom } from './scripted-room.ts';

it.each<[Presence, boolean, Presence]>([
  ['present', false, 'present'],
  ['present', true, 'cut'],
  ['awaited', true, 'awaited'],
  ['cut', true, 'cut'],
  ['unreachable', true, 'unreachable'],
  ['left', true, 'left'],
])('who is told to be %s, on a line that is dead: %s, is %s', (told, isDead, presence) => {
  expect(presenceOf(told, isDead)).toBe(presence);
});

describe('a line without packets', () => {
  it('is cut since the last packet', async () => {
    const { clock, heard, stoppedAtMs } = await dying();
    await clock.advance(20_000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut']);
    const { sinceMs = 0, atMs = 0 } = heard[0] ?? {};
    expect(stoppedAtMs - sinceMs).toBeGreaterThanOrEqual(0);
    expect(stoppedAtMs - sinceMs).toBeLessThanOrEqual(400);
    expect(atMs - sinceMs).toBeGreaterThanOrEqual(4000);
    expect(atMs - sinceMs).toBeLessThanOrEqual(6000);
  });

  it('is there again when packets come again', async () => {
    const { clock, heard, world } = await dead();
    world.isSending = true;
    const backAtMs = clock.nowMs();
    await clock.advance(5000);
    expect(heard.map((one) => one.presence)).toEqual(['cut', 'present']);
    expect((heard[1]?.atMs ?? 0) - backAtMs).toBeLessThanOrEqual(1100);
    expect(heard[1]?.sinceMs).toBeUndefined();
  });

  it.each([
    ['the few that a media server sends for somebody whom it drops', 250, 2],
    ['single ones', 3000, 10],
  ])('is not for %s', async (_, everyMs, count) => {
    const { clock, heard, receive, world } = await dead();
    for (let packet = 0; packet < count; packet++) {
      world.isSending = true;
      receive();
      world.isSending = false;
      await clock.advance(everyMs);
    }
    await clock.advance(5000);
    expect(heard.map((one) => one.presence)).toEqual(['cut']);
  });

  it('stays cut, whatever LiveKit says of who is in the room', async () => {
    const { add, clock, heard, publish, remove, unpublish, world } = await dead();
    await clock.advance(15_000);
    unpublish();
    await clock.advance(500);
    remove();
    await clock.advance(2000);
    add();
    await clock.advance(2000);
    publish();
    await clock.advance(15_000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut']);
    world.isSending = true;
    await clock.advance(1100);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut', 'present']);
  });

  it('stays cut when the caller comes back on a connection that carries nothing either', async () => {
    const { clock, heard, reconnect, world } = await dead();
    reconnect();
    await clock.advance(10_000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut']);
    world.isSending = true;
    await clock.advance(1100);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut', 'present']);
  });

  it('is cut as well when there never was one: since it could have carried some', async () => {
    const { clock, heard, publish, reconnect, unpublish, world } = scriptedRoom();
    unpublish();
    reconnect();
    Object.assign(world, { isSending: false });
    await clock.advance(10_000);
    publish();
    const subscribedAtMs = clock.nowMs();
    await clock.advance(8000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut']);
    expect(heard[0]?.sinceMs).toBeGreaterThanOrEqual(subscribedAtMs);
  });

  it('is cut when the caller joins anew without the microphone they had', async () => {
    const { add, clock, heard, publish, reconnect, remove, unpublish, world } = await dying();
    unpublish();
    remove();
    await clock.advance(3000);
    reconnect();
    add();
    const backAtMs = clock.nowMs();
    await clock.advance(8000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut', 'present', 'cut']);
    expect(heard[2]?.sinceMs).toBeLessThanOrEqual(backAtMs + 1000);
    publish();
    world.isSending = true;
    await clock.advance(1100);
    expect(heard.at(-1)?.presence).toBe('present');
  });

  it('is left when the caller has hung up meanwhile', async () => {
    const { clock, heard, remove, world } = await dead();
    remove(DisconnectReason.CLIENT_INITIATED);
    world.isSending = true;
    await clock.advance(5000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut', 'left']);
  });

  it('is there for a client that says it is muted', async () => {
    const { clock, heard, microphone } = await dead();
    microphone.muted = true;
    await clock.advance(60_000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut', 'present']);
  });

  it('is found by the name of its track where there is one, with two connections as well', async () => {
    const { clock, presence, world } = await dying();
    Object.assign(world, { mind: 'subscriberStats', trackId: 'TR_1', isAnotherHeard: true });
    await clock.advance(6000);
    expect(presence()).toBe('cut');
  });
});

it('stops, also in the middle of a question, and leaves no timer', async () => {
  const { clock, heard, stop, world } = await dying();
  world.delayMs = 1500;
  await clock.advance(7000);
  const { pending } = clock;
  stop();
  // The watch over the line, and the look into the room.
  expect(pending - clock.pending).toBe(2);
  const { asked } = world;
  await clock.advance(60_000);
  expect([heard, world.asked]).toEqual([[], asked]);
});

import { ParticipantKind, RoomEvent } from '@livekit/rtc-node';
import { describe, expect, it } from 'vitest';
import { dead, dying } from './dying-line.ts';
import { scriptedRoom } from './scripted-room.ts';

describe('nothing is concluded', () => {
  it('from silence that is sent, at length', async () => {
    const { clock, heard } = scriptedRoom(2000);
    await clock.advance(600_000);
    expect(heard).toEqual([]);
  });

  it('from a gap that is too short', async () => {
    const { clock, heard, world } = await dying();
    await clock.advance(3500);
    world.isSending = true;
    await clock.advance(10_000);
    expect(heard).toEqual([]);
  });

  it('with 0, and nothing is asked', async () => {
    const { clock, heard, world } = await dying(0);
    await clock.advance(60_000);
    expect([heard, world.asked]).toEqual([[], 0]);
  });

  it('from a microphone that is muted, and only from what follows when it is not any more', async () => {
    const { clock, heard, microphone } = await dying();
    microphone.muted = true;
    await clock.advance(60_000);
    microphone.muted = false;
    await clock.advance(3500);
    expect(heard).toEqual([]);
    await clock.advance(3000);
    expect(clock.nowMs() - (heard[0]?.sinceMs ?? 0)).toBeLessThanOrEqual(6500);
  });

  it('from a microphone that is not published, or on a telephone', async () => {
    const { clock, heard, caller, publish, unpublish } = await dying();
    unpublish();
    await clock.advance(60_000);
    Object.assign(caller, { kind: ParticipantKind.SIP });
    publish();
    await clock.advance(60_000);
    expect(heard).toEqual([]);
  });

  it('from somebody who never had a microphone, nor when another may be the caller', async () => {
    const silent = scriptedRoom();
    silent.unpublish();
    await silent.clock.advance(60_000);
    const { clock, heard, world } = await dying();
    world.isAnotherHeard = true;
    await clock.advance(60_000);
    expect([silent.heard, heard]).toEqual([[], []]);
  });

  it('when our own connection is down, before and after LiveKit says so', async () => {
    const { clock, emit, heard, world } = await dying();
    world.isReached = false;
    await clock.advance(15_000);
    expect(heard).toEqual([]);
    emit(RoomEvent.Reconnecting);
    await clock.advance(5000);
    Object.assign(world, { isReached: true, isSending: true });
    emit(RoomEvent.Reconnected);
    await clock.advance(20_000);
    expect(heard.map(({ presence }) => presence)).toEqual(['unreachable', 'present']);
  });

  it('when the media server was away, and is heard again before the caller is', async () => {
    const { clock, heard, touch, world } = await dying();
    world.isReached = false;
    await clock.advance(9800);
    world.isReached = true;
    touch();
    await clock.advance(400);
    world.isSending = true;
    await clock.advance(10_000);
    expect(heard).toEqual([]);
  });

  it('from what was before an outage of ours: a line that is still dead then is cut since the outage', async () => {
    const { clock, emit, heard } = await dead();
    emit(RoomEvent.Reconnecting);
    await clock.advance(40_000);
    emit(RoomEvent.Reconnected);
    const backAtMs = clock.nowMs();
    await clock.advance(8000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut', 'unreachable', 'present', 'cut']);
    expect(heard[3]?.sinceMs).toBeGreaterThanOrEqual(backAtMs);
  });

  it.each(['refused', 'unanswered'] as const)('when a question is %s', async (asking) => {
    const { clock, heard, world } = await dying();
    world.asking = asking;
    await clock.advance(60_000);
    expect(heard).toEqual([]);
  });

  it('when a question that was refused is answered late: then from there', async () => {
    const { clock, heard, world } = await dying();
    world.asking = 'refused';
    await clock.advance(30_000);
    world.asking = 'answered';
    await clock.advance(3000);
    expect(heard.map(({ presence }) => presence)).toEqual(['cut']);
  });

  it.each([3_600_000, -3_600_000])('from a date that jumps by %i ms', async (skewMs) => {
    const { clock, heard, world } = scriptedRoom();
    await clock.advance(10_000);
    world.skewMs = skewMs;
    await clock.advance(20_000);
    expect(heard).toEqual([]);
    world.isSending = false;
    const stoppedAtMs = clock.nowMs();
    await clock.advance(6000);
    expect(Math.abs((heard[0]?.sinceMs ?? 0) - stoppedAtMs)).toBeLessThanOrEqual(400);
  });

  it('from a date that jumps between the last packet and the look that finds it', async () => {
    const { clock, heard, world } = scriptedRoom();
    await clock.advance(9950);
    const lastLookAtMs = clock.nowMs() - 950;
    Object.assign(world, { isSending: false, skewMs: 3_600_000 });
    await clock.advance(8000);
    expect(heard[0]?.sinceMs).toBeGreaterThanOrEqual(lastLookAtMs);
  });

  it('from an answer that is older than what LiveKit says', async () => {
    const { clock, emit, heard, world } = await dying();
    world.delayMs = 1500;
    await clock.advance(7000);
    expect(heard).toEqual([]);
    emit(RoomEvent.Reconnecting);
    await clock.advance(3000);
    world.isSending = true;
    emit(RoomEvent.Reconnected);
    await clock.advance(10_000);
    expect(heard.map(({ presence }) => presence)).toEqual(['unreachable', 'present']);
  });

  it('by a process that stood still itself', async () => {
    const { clock, heard } = scriptedRoom();
    await clock.advance(10_000);
    clock.stall(15_000);
    await clock.advance(20_000);
    expect(heard).toEqual([]);
  });
});

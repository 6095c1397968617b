import { expect } from 'vitest';
import { scriptedRoom } from './scripted-room.ts';

/** A caller who has talked for ten seconds, and whose packets stop then. */
export async function dying(deadLineMs?: number) {
  const room = scriptedRoom(deadLineMs);
  await room.clock.advance(10_000);
  expect(room.heard).toEqual([]);
  room.world.isSending = false;
  return { ...room, stoppedAtMs: room.clock.nowMs() };
}

/** The same, noticed. */
export async function dead() {
  const room = await dying();
  await room.clock.advance(6000);
  expect(room.presence()).toBe('cut');
  return room;
}

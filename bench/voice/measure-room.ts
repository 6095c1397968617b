import { randomUUID } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import { median } from '../results.ts';
import { callIn } from './callers/bench-caller.ts';
import { nowMs } from './clock.ts';
import type { VoiceStack } from './stack.ts';

const SOUNDS = 10;
const HEARD_WITHIN_MS = 3000;
const PAUSE_MS = 700;

async function join({ livekit }: VoiceStack, room: string, identity: string) {
  const access = new AccessToken(livekit.apiKey, livekit.apiSecret, { identity, ttl: 600 });
  access.addGrant({ room, roomJoin: true, canPublish: true, canSubscribe: true });
  return callIn(livekit.url, await access.toJwt());
}

/**
 * What the room alone takes: milliseconds from a sound at one participant's microphone to another's ear, with nobody
 * else there (the median). Every turn has two such ways in it, whoever answers.
 */
export async function measureRoom(stack: VoiceStack, sound: Int16Array): Promise<number> {
  const room = `empty-${randomUUID()}`;
  const [speaker, listener] = [await join(stack, room, 'speaker'), await join(stack, room, 'listener')];
  try {
    const ways: number[] = [];
    for (let time = 0; time < SOUNDS; time++) {
      await listener.untilQuiet(PAUSE_MS);
      const heard = listener.heardAfter(nowMs(), HEARD_WITHIN_MS);
      const endedAtMs = await speaker.say(sound);
      const heardAtMs = await heard;
      if (heardAtMs !== undefined) ways.push(heardAtMs - (endedAtMs - sound.length / 16));
    }
    return median(ways);
  } finally {
    await Promise.all([speaker.hangUp(), listener.hangUp()]);
  }
}

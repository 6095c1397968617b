import type { Room } from '@livekit/rtc-node';

/**
 * The longest stream that is let in, in bytes, unpacked: without a bound of ours it is 5 GB, and a small one that is
 * packed may unpack to that. Several pieces long, so that a text is found too long, and its caller told so, before.
 */
export const MAX_STREAM_BYTES = 64_000;

/** Has the media stack end longer streams itself, before anything of them comes to us. For a room that is not joined yet. */
export function boundStreams(room: Pick<Room, 'connect'>): void {
  const connect = room.connect.bind(room);
  // The framework joins the room, and has no option for this.
  room.connect = (url, token, options) =>
    connect(url, token, {
      autoSubscribe: true,
      dynacast: false,
      ...options,
      dataStream: { maxPayloadByteLength: MAX_STREAM_BYTES },
    });
}

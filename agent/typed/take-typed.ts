import type { Room, TextStreamReader } from '@livekit/rtc-node';
import type { Clock } from '../../shared/clock.ts';
import { MAX_TEXT_BYTES, newTextBudget, takeText, tellRefused } from './text-budget.ts';

/** LiveKit's topic for what is typed (https://docs.livekit.io/agents/build/text/). */
const CHAT_TOPIC = 'lk.chat';

/** How long one text may take to arrive. */
const ARRIVES_WITHIN_MS = 5_000;

/** Texts that may arrive at once: each that is open costs something with every packet of the room. */
const MAX_OPEN = 2;

export type TypedRefusal = 'payload_too_large' | 'too_many_requests';

type Typed = {
  /** Whose texts are taken; nobody else's are read. */
  identity: string;
  clock: Clock;
  taken(text: string): void;
  /** Something was not taken. Not told each time. */
  refused(why: TypedRefusal): void;
};

/** Reads a text up to its bound. @returns undefined when it is longer, or does not arrive in time */
export async function readBounded(
  reader: Pick<TextStreamReader, 'info' | 'close'> & AsyncIterable<string>,
  clock: Clock,
): Promise<string | undefined> {
  if ((reader.info.totalSize ?? 0) > MAX_TEXT_BYTES) {
    await reader.close();
    return undefined;
  }
  let isLate = false;
  const cancel = clock.after(ARRIVES_WITHIN_MS, () => {
    isLate = true;
    void reader.close();
  });
  try {
    let text = '';
    // Leaving the loop closes the reader: what is still to come is never put together.
    for await (const piece of reader) {
      text += piece;
      if (Buffer.byteLength(text) > MAX_TEXT_BYTES) return undefined;
    }
    return isLate ? undefined : text;
  } finally {
    cancel();
  }
}

/**
 * Takes what the caller types, instead of the framework, which reads a text of any length to its end and answers
 * every one: megabytes of it stop the process, and with it the clock of a call that is being served.
 */
export function takeTyped(room: Room, { identity, clock, taken, refused }: Typed): void {
  let budget = newTextBudget(clock.nowMs());
  let open = 0;
  const refuse = (why: TypedRefusal) => {
    const [next, isTold] = tellRefused(budget, clock.nowMs());
    budget = next;
    if (isTold) refused(why);
  };
  const read = async (reader: TextStreamReader) => {
    const [next, isTaken] = takeText(budget, clock.nowMs());
    budget = next;
    if (!isTaken || open >= MAX_OPEN) {
      await reader.close();
      return refuse('too_many_requests');
    }
    open++;
    try {
      const text = await readBounded(reader, clock);
      if (text === undefined) refuse('payload_too_large');
      else if (text.trim() !== '') taken(text);
    } finally {
      open--;
    }
  };
  room.registerTextStreamHandler(CHAT_TOPIC, (reader, sender) => {
    const reading = sender.identity === identity ? read(reader) : reader.close();
    // A line that breaks in the middle of a text is the line's matter.
    reading.catch(() => undefined);
  });
}

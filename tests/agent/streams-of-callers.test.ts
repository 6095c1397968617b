import { EventEmitter } from 'node:events';
import { initializeLogger, voice } from '@livekit/agents';
import type { Room } from '@livekit/rtc-node';
import { expect, it } from 'vitest';
import { sessionConversation } from '../../agent/call/conversation.ts';
import { boundStreams, MAX_STREAM_BYTES } from '../../agent/typed/bound-streams.ts';
import { MAX_TEXT_BYTES } from '../../agent/typed/text-budget.ts';
import { FakeClock } from '../support/fake-clock.ts';

initializeLogger({ pretty: false, level: 'fatal' });

/** A room that nobody has joined yet, as the framework uses it, and which streams of others are read in it. */
function scene() {
  const [texts, bytes] = [new Map<string, unknown>(), new Map<string, unknown>()];
  const opened: string[] = [];
  const room = Object.assign(new EventEmitter(), {
    isConnected: false,
    remoteParticipants: new Map(),
    registerTextStreamHandler: (topic: string, handler: unknown) => void texts.set(topic, handler),
    unregisterTextStreamHandler: (topic: string) => void texts.delete(topic),
    registerByteStreamHandler(topic: string, handler: unknown) {
      opened.push(topic);
      bytes.set(topic, handler);
    },
    unregisterByteStreamHandler: (topic: string) => void bytes.delete(topic),
  });
  const session = new voice.AgentSession({
    llm: new voice.testing.FakeLLM([]),
    vad: null,
    turnHandling: { turnDetection: null },
  });
  const start = {
    agent: new voice.Agent({ instructions: 'Speak.' }),
    room: room as unknown as Room,
    inputOptions: { participantIdentity: 'caller', audioEnabled: false },
    outputOptions: { audioEnabled: false, transcriptionEnabled: false },
  };
  const read = () => ({ texts: [...texts.keys()], bytes: [...bytes.keys()] });
  return { session, start, opened, read };
}

it('of what a caller sends by streams, only what they type is read', async () => {
  const { session, start, opened, read } = scene();
  const conversation = sessionConversation(session, start, new FakeClock());
  await conversation.start();
  expect(read()).toEqual({ texts: ['lk.chat'], bytes: [] });
  // The framework still opens it: without that this test would prove nothing.
  expect(opened).toEqual(['lk.agent.session']);
  await conversation.close();
});

it('the framework by itself leaves its remote control open to callers', async () => {
  const { session, start, read } = scene();
  await session.start(start);
  expect(read().bytes).toEqual(['lk.agent.session']);
  await session.close();
});

it('the media stack ends longer streams itself, whatever the framework joins the room with', async () => {
  const joined: unknown[] = [];
  const room: Pick<Room, 'connect'> = {
    connect: async (...how) => void joined.push(how),
  };
  boundStreams(room);
  await room.connect('ws://here', 'token', { autoSubscribe: true, dynacast: false });
  const dataStream = { maxPayloadByteLength: MAX_STREAM_BYTES };
  expect(joined).toEqual([['ws://here', 'token', { autoSubscribe: true, dynacast: false, dataStream }]]);
  // Pieces are of 15 kB: whoever types too much is told so before the stream is cut off.
  expect(MAX_STREAM_BYTES).toBeGreaterThan(MAX_TEXT_BYTES + 2 * 15_000);
});

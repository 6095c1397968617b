import { initializeLogger, voice } from '@livekit/agents';
import { beforeEach, expect, it } from 'vitest';
import { watchTurns } from '../../agent/speech/watch-turns.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fakeCall } from './fake-call.ts';

initializeLogger({ pretty: false, level: 'silent' });
const {
  AgentFalseInterruption,
  AgentStateChanged,
  Error: ErrorEvent,
  UserStateChanged,
  UserTranscriptionTimeout,
} = voice.AgentSessionEventTypes;
type AgentState = voice.AgentState;
type UserState = voice.UserState;

/** The events that the framework emits, in the order and with the delays seen with real turn taking and real sound. */
let session: voice.AgentSession;
beforeEach(() => {
  session = new voice.AgentSession({ vad: null });
});
const agent = (from: AgentState, to: AgentState) =>
  session.emit(AgentStateChanged, voice.createAgentStateChangedEvent(from, to));
const caller = (from: UserState, to: UserState) =>
  session.emit(UserStateChanged, voice.createUserStateChangedEvent(from, to));

async function question(clock: FakeClock): Promise<void> {
  caller('listening', 'speaking');
  await clock.advance(2000);
  caller('speaking', 'listening');
  agent('listening', 'thinking');
  await clock.advance(500);
  agent('thinking', 'speaking');
}

async function hum(clock: FakeClock): Promise<void> {
  caller('listening', 'speaking');
  await clock.advance(500);
  agent('speaking', 'listening');
  await clock.advance(500);
  caller('speaking', 'listening');
  await clock.advance(1200);
  agent('listening', 'speaking');
  session.emit(AgentFalseInterruption, {
    type: 'agent_false_interruption',
    resumed: true,
    createdAt: Date.now(),
  });
}

it('hums over a long answer are neither free nor the end of the call', async () => {
  const { billing, call, clock, conversation, end, run } = fakeCall();
  const { onAnswer, onLateAnswer, onNoAnswer } = watchTurns(session, clock);
  Object.assign(conversation, { onAnswer, onLateAnswer, onNoAnswer });
  await run();
  await question(clock);
  for (let hums = 0; hums < 3; hums++) {
    await clock.advance(20_000);
    await hum(clock);
    await clock.advance(1800);
    session.emit(UserTranscriptionTimeout, {
      type: 'user_transcription_timeout',
      speechDuration: 1000,
      vadSpeechStartedAt: 0,
      createdAt: Date.now(),
    });
  }
  await clock.advance(20_000);
  expect(end()).toBeUndefined();
  await call.end('caller_hung_up');
  expect(billing.settlements[0]?.restoredMs).toBe(0);
  expect(billing.settlements[0]?.usedMs).toBeGreaterThan(90_000);
});

it('an answer that breaks off after a hum is an answer that broke off', async () => {
  const clock = new FakeClock();
  const heard: string[] = [];
  const turns = watchTurns(session, clock);
  turns.onAnswer(() => heard.push('answer'));
  turns.onNoAnswer(() => heard.push('none'));
  await question(clock);
  await clock.advance(1000);
  await hum(clock);
  session.emit(ErrorEvent, {
    type: 'error',
    error: {
      type: 'tts_error',
      timestamp: Date.now(),
      label: 'voice',
      error: new Error('broken'),
      recoverable: false,
    },
    source: undefined,
    createdAt: Date.now(),
  } as never);
  await clock.advance(1000);
  agent('speaking', 'listening');
  expect(heard).toEqual(['answer', 'none']);
});

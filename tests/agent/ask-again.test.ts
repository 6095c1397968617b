import { initializeLogger, voice } from '@livekit/agents';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { recoverStt } from '../../agent/speech/stt/recover-stt.ts';
import { FakeClock } from '../support/fake-clock.ts';

initializeLogger({ pretty: false, level: 'fatal' });

const { UserTranscriptionTimeout, UserInputTranscribed, UserStateChanged, Close } =
  voice.AgentSessionEventTypes;

function scene() {
  const session = new voice.AgentSession({ vad: null });
  const clock = new FakeClock();
  const done: string[] = [];
  recoverStt(session, {
    stt: { renew: () => void done.push('renewed') },
    askAgain: () => void done.push('asked'),
    clock,
    logger: pino({ level: 'silent' }),
  });
  const times = { createdAt: 0, vadSpeechStartedAt: 0 };
  return {
    done,
    clock,
    speechWithoutWords: (speechDuration: number) =>
      session.emit(UserTranscriptionTimeout, {
        type: 'user_transcription_timeout',
        speechDuration,
        ...times,
      }),
    words: (transcript: string) =>
      session.emit(
        UserInputTranscribed,
        voice.createUserInputTranscribedEvent({ transcript, isFinal: true }),
      ),
    agentSpeaks: () => vi.spyOn(session, 'agentState', 'get').mockReturnValue('speaking'),
    speaks: () => session.emit(UserStateChanged, voice.createUserStateChangedEvent('listening', 'speaking')),
    closes: () => session.emit(Close, voice.createCloseEvent(voice.CloseReason.USER_INITIATED)),
  };
}

test('speech without words is heard once more, and asked for when that brings none either', async () => {
  const { done, clock, speechWithoutWords } = scene();
  speechWithoutWords(1500);
  expect(done).toEqual(['renewed']);
  await clock.advance(2_000);
  expect(done).toEqual(['renewed', 'asked']);
});

test('a cough is heard once more, and never asked for', async () => {
  const { done, clock, speechWithoutWords } = scene();
  speechWithoutWords(300);
  await clock.advance(10_000);
  expect(done).toEqual(['renewed']);
});

test('whoever was asked twice in a row and said no word is not asked again, until there are words', async () => {
  const { done, clock, speechWithoutWords, words } = scene();
  const hums = async (times: number) => {
    for (let at = 0; at < times; at++) {
      speechWithoutWords(1500);
      await clock.advance(5_000);
    }
    return done.filter((what) => what === 'asked').length;
  };
  expect(await hums(1)).toBe(1);
  expect(await hums(5)).toBe(2);
  words('\n');
  expect(await hums(1)).toBe(2);
  words('What is my name?');
  expect(await hums(5)).toBe(4);
});

test('nobody is asked about a sound that interrupts the agent', async () => {
  const { done, clock, speechWithoutWords, agentSpeaks } = scene();
  agentSpeaks();
  speechWithoutWords(1500);
  await clock.advance(10_000);
  expect(done).toEqual(['renewed']);
});

test.each([
  ['the words come', (call: ReturnType<typeof scene>) => call.words('What is my name?')],
  ['the caller speaks again', (call: ReturnType<typeof scene>) => call.speaks()],
  ['the session closes', (call: ReturnType<typeof scene>) => call.closes()],
])('nobody asks when %s', async (_what, happens) => {
  const call = scene();
  call.speechWithoutWords(1500);
  await call.clock.advance(1_000);
  happens(call);
  expect(call.clock.pending).toBe(0);
  await call.clock.advance(10_000);
  expect(call.done).toEqual(['renewed']);
});

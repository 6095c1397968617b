import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { endWords } from '../../shared/api/call-words.ts';
import { callMessage } from '../../shared/api/calls.ts';
import { type CallState, isAtDesk, nextCallState, noCall } from '../../web/src/call/call-state.ts';
import { callWords, minutesLeft } from '../../web/src/call/call-words.ts';
import { takeAuthReturn } from '../../web/src/session/auth-return.ts';
import auth from '../../web/src/words/en/auth.ts';
import calls from '../../web/src/words/en/calls.ts';
import talk from '../../web/src/words/en/talk.ts';

const callId = randomUUID();
const joined: CallState = { ...noCall, phase: 'joined', agent: 'listening' };

/** What the page makes of messages as the agent sends them, one a second. */
function after(...messages: { type: string; [field: string]: unknown }[]): CallState {
  return messages.reduce<CallState>((state, message, i) => {
    const read = callMessage.parse({ call_id: callId, ...message });
    return nextCallState(state, { type: 'message', message: read, atMs: i * 1000 });
  }, joined);
}
const meter = (state: string, remaining = 0) => ({
  type: 'meter',
  state,
  used_ms: 60_000,
  remaining_seconds: remaining,
});
const desk = { type: 'desk', free_seconds: 90 };
const resumed = { type: 'resumed', remaining_seconds: 3600 };

test('the desk opens by its message or by the meter, and says that it is free', () => {
  for (const messages of [[desk], [meter('desk')], [meter('desk'), desk], [desk, meter('desk')]]) {
    const state = after({ type: 'warning', remaining_seconds: 20 }, ...messages);
    expect(isAtDesk(state)).toBe(true);
    expect(callWords(state, talk)).toBe('Your time is used up. This part is free.');
  }
  expect(after(desk).desk).toEqual({ untilMs: 90_000 });
  expect(after({ type: 'warning', remaining_seconds: 20 }, desk).warningSeconds).toBeNull();
});

test('bought time closes the desk, whichever news of it comes', () => {
  const told = after(desk, meter('desk'), resumed, meter('running', 3600));
  expect(isAtDesk(told)).toBe(false);
  expect(told.resumedSeconds).toBe(3600);
  expect(callWords(told, talk)).toBe('Listening');
  const untold = after(desk, meter('desk'), meter('running', 3600));
  expect(isAtDesk(untold)).toBe(false);
  expect(untold.resumedSeconds).toBeNull();
});

test('a second desk takes the news of the first back', () => {
  const again = after(desk, resumed, meter('running', 10), desk);
  expect([isAtDesk(again), again.resumedSeconds, again.desk]).toEqual([true, null, { untilMs: 93_000 }]);
});

test('after the end there is no desk', () => {
  const ended = after(desk, meter('desk'), { type: 'ended', reason: 'time_used_up', charged_seconds: 60 });
  expect([isAtDesk(ended), callWords(ended, talk)]).toEqual([false, 'Goodbye.']);
  const left = nextCallState(after(desk), { type: 'left', atMs: 0, reason: 'hung_up' });
  expect(isAtDesk(left)).toBe(false);
});

test.each([
  ['silence', 'Nothing was said for a while, so the assistant said goodbye.'],
  ['time_used_up', 'Your time was used up.'],
  ['line_lost', 'Your line was lost and did not come back in time.'],
  ['lease_expired', 'The call broke off on our side. Only what was reported until then is charged.'],
  ['caller_hung_up', 'You hung up.'],
  ['hung_up', 'You hung up.'],
  ['connection_lost', 'The connection was lost.'],
  ['something_new', 'Something new.'],
])('the end reason %s is said in words', (reason, words) => {
  expect(endWords(reason, calls.ends)).toBe(words);
});

test.each([
  [0, 'Less than a minute left'],
  [59.9, 'Less than a minute left'],
  [60, 'About 1 minute left'],
  [119, 'About 1 minute left'],
  [120, 'About 2 minutes left'],
])('%s seconds are spoken as words', (seconds, words) => {
  expect(minutesLeft(seconds, talk)).toBe(words);
});

test.each([
  ['/#error=access_denied&error_code=otp_expired', /used already/],
  ['/?utm_source=mail&error=access_denied', /does not let you in/],
  ['/#error=server_error', /did not work/],
  ['/?utm_source=mail#/activate/X', null],
])('what a link of a mail left at %s is said once, also to who is signed in', (address, words) => {
  const { pathname, search, hash } = new URL(address, 'https://mindbot.example');
  const left: string[] = [];
  const history = { replaceState: (_state: unknown, _title: string, url: string) => left.push(url) };
  const trouble = takeAuthReturn({ pathname, search, hash }, history);
  const said = trouble && auth.links[trouble];
  if (words === null) expect([said, left]).toEqual([null, []]);
  else {
    expect(said).toMatch(words);
    // Nothing is below for somebody who is signed in.
    expect(said).not.toContain('below');
    expect(left.join()).not.toContain('error');
  }
});

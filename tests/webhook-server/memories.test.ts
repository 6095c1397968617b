import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type MemoriesResponse, memoriesResponse } from '../../shared/api/memories.ts';
import { LONGEST_MEMORY } from '../../shared/api/memory-length.ts';
import { addCall, fact, type MemoryOf, memoryOf, newWord } from '../memory/memory.ts';
import type { Person } from '../support/database.ts';
import { codeOf, startSidecar, type TestSidecar } from '../support/sidecar.ts';

let sidecar: TestSidecar;
let person: Person;
let memory: MemoryOf;
const logged: string[] = [];
beforeAll(async () => {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  sidecar = await startSidecar({ logger: pino({ level: 'trace' }, stream) });
});
beforeEach(async () => {
  person = await sidecar.database.signUp();
  memory = memoryOf(sidecar.database.sql, person.id);
});
afterAll(() => sidecar.close());

const path = (id?: string, owner = person) => `/user/${owner.id}/memories${id === undefined ? '' : `/${id}`}`;
const read = async (): Promise<MemoriesResponse> =>
  memoriesResponse.parse((await sidecar.get(path(), { person })).body);
const textsIn = (body: unknown) => memoriesResponse.parse(body).memories.map(({ text }) => text);
const correct = (id: string, text: unknown) => sidecar.patch(path(id), { person, body: { text } });

test('a person sees all that is remembered of them, newest first', async () => {
  expect(await read()).toEqual({ memory_enabled: true, memories: [] });
  const callId = await addCall(sidecar.database.sql, person.id);
  await memory.remember(callId, [fact('Has a dog'), { text: 'Prefers short answers', kind: 'preference' }]);
  const { memories } = await read();
  expect(memories).toEqual(
    [
      ['Prefers short answers', 'preference'],
      ['Has a dog', 'fact'],
    ].map(([text, kind]) => ({
      id: expect.any(String),
      text,
      kind,
      source: 'call',
      call_id: callId,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: expect.stringMatching(/Z$/),
    })),
  );
});

test('corrects one, which then is in their own words', async () => {
  await memory.tell(fact('Has a dog'), fact('Likes tea'));
  const answer = await correct(await memory.idOf('Has a dog'), '  Has a cat ');
  expect(answer.status).toBe(200);
  expect(textsIn(answer.body)).toEqual(['Has a cat', 'Likes tea']);
  expect((await read()).memories[0]).toMatchObject({ text: 'Has a cat', source: 'person', kind: 'fact' });
});

test.each([
  ['', 'text'],
  ['   ', 'text'],
  ['\u200b', 'nothing to read'],
  ['x'.repeat(LONGEST_MEMORY + 1), 'text'],
  [7, 'text'],
  ['a\u0000b', 'U+0000'],
  ['My card is 4242 4242 4242 4242', 'never kept'],
  ['The code is PKF7-HJKL-MPQR', 'never kept'],
  ['Password is swordfish', 'never kept'],
])('refuses %j as a correction, and says why', async (text, reason) => {
  await memory.tell(fact('Has a dog'));
  const answer = await correct(await memory.idOf('Has a dog'), text);
  expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
  expect(answer.text).toContain(reason);
  expect(await memory.texts()).toEqual(['Has a dog']);
});

test('a memory that is gone cannot be corrected; erasing it again is no error', async () => {
  await memory.tell(fact('Has a dog'), fact('Likes tea'));
  const id = await memory.idOf('Has a dog');
  const erased = await sidecar.delete(path(id), { person });
  expect([erased.status, textsIn(erased.body)]).toEqual([200, ['Likes tea']]);
  expect((await sidecar.delete(path(id), { person })).status).toBe(200);
  const late = await correct(id, 'Has a cat');
  expect([late.status, codeOf(late)]).toEqual([404, 'not_found']);
  const odd = await sidecar.delete(path('all'), { person });
  expect([odd.status, codeOf(odd)]).toEqual([400, 'invalid_request']);
});

test('erases all, and a call that was going on leaves nothing', async () => {
  await memory.tell(fact('Has a dog'), fact('Likes tea'));
  const callId = await addCall(sidecar.database.sql, person.id);
  const answer = await sidecar.delete(path(), { person });
  expect([answer.status, answer.body]).toEqual([200, { memory_enabled: true, memories: [] }]);
  expect(await memory.remember(callId, [fact('Has a dog')])).toEqual({ status: 'already_remembered' });
  expect((await read()).memories).toEqual([]);
});

test('what is remembered is shown and can be erased while memory is off', async () => {
  await memory.tell(fact('Has a dog'), fact('Likes tea'));
  await sidecar.put(`/user/${person.id}/settings`, { person, body: { memory_enabled: false } });
  const { memory_enabled: enabled, memories } = await read();
  expect([enabled, memories.length]).toEqual([false, 2]);
  await sidecar.delete(path(memories[0]?.id), { person });
  expect(await memory.texts()).toHaveLength(1);
});

test('nobody reaches what others told, by their own address or by that of others', async () => {
  await memory.tell(fact('Has a dog'));
  const id = await memory.idOf('Has a dog');
  const other = await sidecar.database.signUp();
  for (const [who, status] of [
    [{ person: other }, 403],
    [{}, 401],
    [{ token: 'forged' }, 401],
  ] as const) {
    expect((await sidecar.get(path(), who)).status).toBe(status);
    expect((await sidecar.patch(path(id), { ...who, body: { text: 'hacked' } })).status).toBe(status);
    expect((await sidecar.delete(path(id), who)).status).toBe(status);
    expect((await sidecar.delete(path(), who)).status).toBe(status);
  }
  const theirs = path(id, other);
  expect((await sidecar.patch(theirs, { person: other, body: { text: 'hacked' } })).status).toBe(404);
  expect(textsIn((await sidecar.delete(theirs, { person: other })).body)).toEqual([]);
  expect(await memory.texts()).toEqual(['Has a dog']);
});

test('no word of it is logged', async () => {
  const words = newWord();
  await memory.tell(fact(`Says ${words}`));
  const id = await memory.idOf(`Says ${words}`);
  await correct(id, `Said ${words}`);
  await correct(id, `Said ${words} and 4242 4242 4242 4242`);
  await correct(randomUUID(), `Said ${words}`);
  await sidecar.get(path(), { person });
  await sidecar.delete(path(id), { person });
  await sidecar.delete(path(), { person });
  const lines = logged.join('');
  expect(lines).toContain('a person erased a memory');
  expect(lines).not.toContain(words);
});

import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { addPerson } from '../time/people.ts';
import { addCall, fact, memoryOf } from './memory.ts';
import { testWithMemory as test } from './test-with-memory.ts';

const dog = fact('Has a dog called Bruno');

describe('a call is remembered', () => {
  test('once, whatever it says later', async ({ db, userId, memory }) => {
    const callId = await addCall(db.sql, userId);
    expect(await memory.remember(callId, [dog])).toEqual({ status: 'remembered', count: 1, refused: 0 });
    expect(await memory.remember(callId, [dog, fact('Lives in Rome')])).toEqual({
      status: 'already_remembered',
    });
    expect(await memory.texts()).toEqual([dog.text]);
  });

  test('for its own person alone', async ({ db, userId, memory }) => {
    const callId = await addCall(db.sql, userId);
    const other = memoryOf(db.sql, await addPerson(db.sql));
    expect(await other.remember(callId, [dog])).toEqual({ status: 'unknown_call' });
    expect(await memory.remember(randomUUID(), [dog])).toEqual({ status: 'unknown_call' });
    expect(await other.texts()).toEqual([]);
    expect(await memory.remember(callId, [dog])).toMatchObject({ status: 'remembered' });
  });

  test('not at all while memory is off, and not later either', async ({ db, userId, memory }) => {
    const callId = await addCall(db.sql, userId);
    await memory.turn(false);
    expect(await memory.remember(callId, [dog])).toEqual({ status: 'memory_off' });
    await memory.turn(true);
    expect(await memory.remember(callId, [dog])).toEqual({ status: 'already_remembered' });
    expect(await memory.texts()).toEqual([]);
  });

  test.for([
    ['no list', { text: 'x', kind: 'fact' }],
    ['more than twenty', Array.from({ length: 21 }, (_, i) => fact(`number ${i}`))],
    ['no text', [{ kind: 'fact' }]],
    ['an empty text', [fact(' \n\u200b ')]],
    ['a long text', [fact('x'.repeat(301))]],
    ['another kind', [{ text: 'x', kind: 'secret' }]],
    ['a number for what it replaces', [{ ...dog, replaces: 3 }]],
    ['words for an embedding', [{ ...dog, embedding: ['1'] }]],
    ['lists for an embedding', [{ ...dog, embedding: [[1]] }]],
    ['an endless embedding', [{ ...dog, embedding: Array(4097).fill(1) }]],
    ['a nameless model', [{ ...dog, model: '' }]],
    ['a word among the facts', [dog, 'a word']],
    ['nothing', null],
  ] as const)('only in the right shape: %s', async ([_what, facts], { db, userId, memory }) => {
    const callId = await addCall(db.sql, userId);
    expect(await memory.remember(callId, facts)).toEqual({ status: 'invalid_facts' });
    expect(await memory.texts()).toEqual([]);
    // Nothing was decided by it: the call is still to be remembered.
    expect(await memory.remember(callId, [])).toEqual({ status: 'remembered', count: 0, refused: 0 });
  });

  test('on one line, without what is invisible or turned round', async ({ memory }) => {
    await memory.tell(fact('  Likes\n\ttea \u202e and\u2028 milk\u0007 '));
    expect(await memory.texts()).toEqual(['Likes tea and milk']);
  });
});

describe('a text is kept once', () => {
  test('whatever its case and spaces, as fresh as when it was told last', async ({ memory }) => {
    await memory.tell(fact('Grüße ÄPFEL'), fact('Likes tea'));
    expect(await memory.tell(fact('grüße  äpfel', { embedding: [1, 2] }))).toMatchObject({ count: 0 });
    expect((await memory.rows()).map(({ text, embedding }) => [text, embedding])).toEqual([
      ['Grüße ÄPFEL', [1, 2]],
      ['Likes tea', null],
    ]);
  });

  test('also when it takes the place of another', async ({ memory }) => {
    await memory.tell(fact('Lives in Rome'), fact('Lives in Paris'));
    await memory.tell(fact('lives in paris', { replaces: await memory.idOf('Lives in Rome') }));
    expect(await memory.texts()).toEqual(['Lives in Paris']);
  });
});

test('a person has 200 at most, and what was told longest ago goes first', async ({ memory }) => {
  for (let call = 0; call < 11; call++) {
    await memory.tell(...Array.from({ length: 20 }, (_, i) => fact(`Fact ${call}, ${i}`)));
    if (call === 9) await memory.tell(fact('fact 0, 3'));
  }
  const texts = await memory.texts();
  expect(texts).toHaveLength(200);
  expect(texts.filter((text) => text.startsWith('Fact 0,'))).toEqual(['Fact 0, 3']);
  expect(texts.filter((text) => text.startsWith('Fact 1,'))).toHaveLength(19);
});

describe('a newer fact takes the place of an older one', () => {
  test('and keeps its name', async ({ memory }) => {
    await memory.tell(fact('Lives in Rome', { embedding: [1, 0] }));
    const id = await memory.idOf('Lives in Rome');
    expect(await memory.tell(fact('Lives in Paris', { replaces: id }))).toMatchObject({ count: 1 });
    expect(await memory.rows()).toMatchObject([{ id, text: 'Lives in Paris', embedding: null }]);
  });

  test('but not what the person corrected since the call began', async ({ db, userId, memory }) => {
    await memory.tell(fact('Lives in Rome'));
    const id = await memory.idOf('Lives in Rome');
    const before = await addCall(db.sql, userId, true);
    await memory.correct(id, 'Lives in Milan');
    expect(await memory.remember(before, [fact('Lives in Paris', { replaces: id })])).toMatchObject({
      count: 0,
    });
    expect(await memory.texts()).toEqual(['Lives in Milan']);
    await memory.tell(fact('Lives in Vienna', { replaces: id }));
    expect(await memory.rows()).toMatchObject([{ id, text: 'Lives in Vienna', source: 'call' }]);
  });

  test('nor one that was erased, or is of somebody else', async ({ db, memory }) => {
    const other = memoryOf(db.sql, await addPerson(db.sql));
    await other.tell(dog);
    const theirs = await other.idOf(dog.text);
    for (const replaces of [theirs, randomUUID(), 'not a name at all']) {
      expect(await memory.tell(fact('Has a cat', { replaces }))).toMatchObject({ count: 0 });
    }
    expect([await memory.texts(), await other.texts()]).toEqual([[], [dog.text]]);
  });
});

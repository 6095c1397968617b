import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { addPerson } from '../time/people.ts';
import { addCall, fact, memoryOf } from './memory.ts';
import { testWithMemory as test } from './test-with-memory.ts';

const dog = fact('Has a dog called Bruno');

describe('a person', () => {
  test('corrects a memory: their words stay, found by nothing that it said before', async ({ memory }) => {
    await memory.tell(fact('Has a dog called Bruno', { embedding: [1, 0], model: 'm' }), fact('Has a cat'));
    const id = await memory.idOf('Has a dog called Bruno');
    expect(await memory.correct(id, ' has a  CAT ')).toEqual({ status: 'corrected' });
    expect(await memory.rows()).toMatchObject([{ id, text: 'has a CAT', source: 'person', embedding: null }]);
    expect(await memory.search(null, { embedding: [1, 0], model: 'm' })).toEqual([]);
  });

  test('is told when it cannot be', async ({ db, memory }) => {
    await memory.tell(dog);
    const id = await memory.idOf(dog.text);
    const other = memoryOf(db.sql, await addPerson(db.sql));
    expect(await other.correct(id, 'Has a cat')).toEqual({ status: 'unknown_memory' });
    expect(await memory.correct(id, ' ')).toEqual({ status: 'invalid_text' });
    expect(await memory.correct(id, 'x'.repeat(301))).toEqual({ status: 'invalid_text' });
    expect(await memory.correct(id, 'Pays with 4242 4242 4242 4242')).toEqual({ status: 'refused' });
    expect(await memory.texts()).toEqual([dog.text]);
  });

  test('erases one for good, and nobody else can', async ({ db, memory }) => {
    await memory.tell({ ...dog, embedding: [1, 0] }, fact('Likes tea'));
    const id = await memory.idOf(dog.text);
    const other = memoryOf(db.sql, await addPerson(db.sql));
    expect(await other.erase(id)).toEqual({ status: 'unknown_memory' });
    expect(await memory.erase(id)).toEqual({ status: 'erased' });
    expect(await memory.erase(id)).toEqual({ status: 'unknown_memory' });
    expect(await memory.texts()).toEqual(['Likes tea']);
  });

  test('erases all, and nothing said until then comes back', async ({ db, userId, memory }) => {
    const told = await addCall(db.sql, userId);
    await memory.remember(told, [dog, fact('Likes tea')]);
    const ending = await addCall(db.sql, userId);
    expect(await memory.eraseAll()).toEqual({ status: 'erased', count: 2 });
    for (const call of [told, ending]) {
      expect(await memory.remember(call, [dog])).toEqual({ status: 'already_remembered' });
    }
    expect(await memory.texts()).toEqual([]);
    await memory.tell(fact('Likes coffee'));
    expect(await memory.texts()).toEqual(['Likes coffee']);
    expect(await memoryOf(db.sql, randomUUID()).eraseAll()).toEqual({ status: 'unknown_user' });
  });

  test('is gone with all that was remembered of them', async ({ db, userId, memory }) => {
    await memory.turn(true);
    await db.sql`insert into public.caller_memories (user_id, text, kind, source) values (${userId}, 'x', 'fact', 'call')`;
    await db.sql`delete from auth.users where id = ${userId}`;
    expect(await memory.texts()).toEqual([]);
  });
});

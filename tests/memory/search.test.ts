import { describe, expect } from 'vitest';
import { addPerson } from '../time/people.ts';
import { fact, memoryOf } from './memory.ts';
import { testWithMemory as test } from './test-with-memory.ts';

const texts = (found: { text: string }[]) => found.map(({ text }) => text);

describe('by words', () => {
  test('finds endings and beginnings, best first', async ({ memory }) => {
    await memory.tell(
      fact('Walks two dogs every morning'),
      fact('Has a dog called Bruno'),
      fact('Likes tea'),
    );
    expect(texts(await memory.search('what is the name of his DOG, Bruno?'))).toEqual([
      'Has a dog called Bruno',
      'Walks two dogs every morning',
    ]);
    expect(texts(await memory.search('brun'))).toEqual(['Has a dog called Bruno']);
    expect(await memory.search('cat')).toEqual([]);
  });

  test('in the language of the person', async ({ db, userId, memory }) => {
    await memory.tell(fact('Hat ein Haus und mag Übungen'));
    expect(await memory.search('welche Häuser')).toEqual([]);
    await db.sql`select write_settings(${userId}, 'de-DE')`;
    expect(texts(await memory.search('welche Häuser'))).toHaveLength(1);
    expect(texts(await memory.search('übung'))).toHaveLength(1);
  });

  test.for([null, '', '?!', 'the of and', ' ', '((', "\\' :* <->"])(
    'the newest for a query without a word: %j',
    async (query, { memory }) => {
      await memory.tell(fact('Likes tea'), fact('Has a dog'), fact('Lives in Rome'));
      expect(texts(await memory.search(query, { limit: 2 }))).toEqual(['Lives in Rome', 'Has a dog']);
    },
  );

  test.for(["o'hara", "'; drop table", 'a & b | !c', 'b:*\\', 'x'.repeat(5000)])(
    'takes %j for words',
    async (query, { memory }) => {
      await memory.tell(fact("Is called O'Hara"));
      expect(texts(await memory.search(query))).toEqual(query === "o'hara" ? ["Is called O'Hara"] : []);
    },
  );

  test('and only of this person', async ({ db, memory }) => {
    await memoryOf(db.sql, await addPerson(db.sql)).tell(fact('Has a dog'));
    expect(await memory.search('dog')).toEqual([]);
    expect(await memory.search(null)).toEqual([]);
  });
});

describe('the beginning of a call', () => {
  test('knows what was corrected first, then the newest, and no more than asked for', async ({ memory }) => {
    await memory.tell(fact('Has a dog'), fact('Lives in Rome'), {
      text: 'Prefers short answers',
      kind: 'preference',
    });
    await memory.correct(await memory.idOf('Has a dog'), 'Has a cat');
    await memory.tell(fact('Likes tea'));
    expect(await memory.readCaller()).toEqual({
      status: 'known',
      locale: null,
      voice: null,
      memory_enabled: true,
      is_call_closed: false,
      facts: ['Has a cat', 'Likes tea', 'Prefers short answers', 'Lives in Rome'].map((text) =>
        expect.objectContaining({ text, id: expect.any(String), kind: expect.any(String) }),
      ),
    });
    expect(await memory.readCaller(1)).toMatchObject({ facts: [{ text: 'Has a cat' }] });
    expect(await memory.readCaller(-1)).toMatchObject({ facts: [] });
  });

  test('knows nothing while memory is off, and everything again when it is on', async ({
    db,
    userId,
    memory,
  }) => {
    await memory.tell(fact('Has a dog'));
    await memory.turn(false);
    expect(await memory.readCaller()).toMatchObject({ memory_enabled: false, facts: [] });
    const [row] = await db.sql`select search_memories(${userId}, 'dog') as answer`;
    expect(row?.answer).toEqual({ status: 'memory_off' });
    await memory.turn(true);
    expect(await memory.readCaller()).toMatchObject({ facts: [{ text: 'Has a dog' }] });
  });

  test('and nobody who is unknown', async ({ db }) => {
    const nobody = memoryOf(db.sql, '00000000-0000-4000-8000-000000000000');
    expect(await nobody.readCaller()).toEqual({ status: 'unknown_user' });
  });
});

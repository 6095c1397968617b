import { describe, expect } from 'vitest';
import { addCall, fact } from './memory.ts';
import { testWithMemory as test } from './test-with-memory.ts';

const texts = (found: { text: string }[]) => found.map(({ text }) => text);

describe('by embeddings', () => {
  const facts = [
    fact('Has a dog', { embedding: [1, 0, 0], model: 'small' }),
    fact('Has a cat', { embedding: [0.8, 0.6, 0], model: 'small' }),
    fact('Lives in Rome', { embedding: [0, 0, 1], model: 'small' }),
    fact('Likes tea', { embedding: [1, 0, 0], model: 'other' }),
    fact('Has a bird', { embedding: [1, 0], model: 'small' }),
    fact('Has a fish'),
  ];

  test('the nearest first, with the cosine for a score', async ({ memory }) => {
    await memory.tell(...facts);
    const found = await memory.search('pet', { embedding: [2, 0, 0], model: 'small' });
    expect(found.map(({ text, score }) => [text, score])).toEqual([
      ['Has a dog', 1],
      ['Has a cat', 0.8],
    ]);
  });

  test('words help where no embedding does', async ({ memory }) => {
    await memory.tell(...facts);
    const found = await memory.search('a fish or a dog', { embedding: [0, 1, 0], model: 'small' });
    expect(found.map(({ text, score }) => [text, score])).toEqual([
      ['Has a cat', 0.6],
      ['Has a fish', 0.5],
      ['Has a dog', 0.5],
    ]);
  });

  test('another model, another length and a direction that is none find nothing', async ({ memory }) => {
    await memory.tell(...facts);
    for (const [embedding, model] of [
      [[1, 0, 0], 'third'],
      [[1, 0, 0, 0], 'small'],
    ] as const) {
      expect(await memory.search('xylophone', { embedding: [...embedding], model })).toEqual([]);
    }
    expect(texts(await memory.search('tea', { embedding: [0, 0, 0], model: 'small' }))).toEqual([
      'Likes tea',
    ]);
    expect(texts(await memory.search('tea', { embedding: [Number.NaN, 0, 0] }))).toEqual(['Likes tea']);
  });

  test('where nobody names a model, the length has to do', async ({ memory }) => {
    await memory.tell(fact('Has a dog', { embedding: [1, 0] }));
    expect(texts(await memory.search('xylophone', { embedding: [1, 0], model: 'small' }))).toEqual([
      'Has a dog',
    ]);
  });

  test('numbers that no real can hold do no harm', async ({ db, userId, memory }) => {
    const callId = await addCall(db.sql, userId);
    const odd = `[{"text": "Has a dog", "kind": "fact", "embedding": [1e-60, 1]},
      {"text": "Has a cat", "kind": "fact", "embedding": [1e99, 1]}, {"text": "Has a bird", "kind": "fact", "embedding": [0]}]`;
    await db.sql`select remember_facts(${callId}, ${userId}, ${odd}::text::jsonb)`;
    expect((await memory.rows()).map(({ text, embedding }) => [text, embedding])).toEqual([
      ['Has a bird', null],
      ['Has a cat', null],
      ['Has a dog', [0, 1]],
    ]);
  });

  test('over HTTP, as the agent asks', async ({ db, userId }) => {
    const callId = await addCall(db.sql, userId);
    const args = { p_call_id: callId, p_user_id: userId, p_facts: facts };
    expect((await db.service.rpc('remember_facts', args)).data).toMatchObject({ count: 6 });
    const query = {
      p_user_id: userId,
      p_query: 'pet',
      p_embedding: [0.5, 0, 1e-9],
      p_model: 'small',
      p_limit: 1,
    };
    expect((await db.service.rpc('search_memories', query)).data).toMatchObject({
      facts: [{ text: 'Has a dog', score: 1 }],
    });
  });
});

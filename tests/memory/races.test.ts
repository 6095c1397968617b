import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addPerson } from '../time/people.ts';
import { addCall, fact, type MemoryOf, memoryOf, newWord } from './memory.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const ROUNDS = 25;
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** A person whose calls are over and whose extractions all come in at once. */
async function personWithCalls(count: number): Promise<{ memory: MemoryOf; calls: string[] }> {
  const userId = await addPerson(db.sql);
  return { memory: memoryOf(db.sql, userId), calls: await times(count, () => addCall(db.sql, userId)) };
}

test('a call that is remembered twenty times at once is remembered once', async () => {
  const { memory, calls } = await personWithCalls(1);
  const answers = await times(20, (index) => memory.remember(calls[0] ?? '', [fact(`Version ${index}`)]));
  const statuses = answers.map(({ status }) => status).toSorted();
  expect(statuses).toEqual([...Array(19).fill('already_remembered'), 'remembered']);
  expect(await memory.texts()).toHaveLength(1);
});

test('calls that tell the same at once leave it once', async () => {
  const { memory, calls } = await personWithCalls(20);
  await Promise.all(calls.map((call) => memory.remember(call, [fact('Has a dog'), fact(newWord())])));
  const texts = await memory.texts();
  expect(texts.filter((text) => text === 'Has a dog')).toHaveLength(1);
  expect(texts).toHaveLength(21);
});

test('no more than 200 stay, however many come at once', async () => {
  const { memory, calls } = await personWithCalls(15);
  const facts = () => Array.from({ length: 20 }, () => fact(newWord()));
  await Promise.all(calls.map((call) => memory.remember(call, facts())));
  expect(await memory.texts()).toHaveLength(200);
});

test('what was said until everything is erased never comes back, whoever is first', async () => {
  let [erasedFirst, rememberedFirst] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const { memory, calls } = await personWithCalls(6);
    const work = [...calls.map((call) => () => memory.remember(call, [fact(newWord())])), memory.eraseAll];
    // The erasing takes every place in the row.
    const place = round % work.length;
    const order = [...work.slice(place), ...work.slice(0, place)];
    const answers = await Promise.all(order.map((step) => step()));
    for (const { status } of answers) {
      if (status === 'remembered') rememberedFirst++;
      if (status === 'already_remembered') erasedFirst++;
    }
    expect(await memory.texts()).toEqual([]);
    await Promise.all(calls.map((call) => memory.remember(call, [fact(newWord())])));
    expect(await memory.texts()).toEqual([]);
  }
  // Both orders came up, or it was no race.
  expect([erasedFirst > 0, rememberedFirst > 0]).toEqual([true, true]);
});

test('a memory that is erased while a call replaces it stays erased', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { memory, calls } = await personWithCalls(3);
    await memory.remember(calls[0] ?? '', [fact('Lives in Rome')]);
    const id = await memory.idOf('Lives in Rome');
    const replace = (call = '') => memory.remember(call, [fact('Lives in Paris', { replaces: id })]);
    const work = [() => replace(calls[1]), () => memory.erase(id), () => replace(calls[2])];
    await Promise.all((round % 2 === 0 ? work : work.toReversed()).map((step) => step()));
    expect(await memory.texts()).toEqual([]);
  }
});

test('a correction stands, however many calls that began before it replace the memory at once', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { memory, calls } = await personWithCalls(5);
    await memory.remember(calls[0] ?? '', [fact('Lives in Rome')]);
    const id = await memory.idOf('Lives in Rome');
    const work = calls
      .slice(1)
      .map((call, n) => () => memory.remember(call, [fact(`Lives in Town ${n}`, { replaces: id })]));
    work.splice(round % 5, 0, () => memory.correct(id, 'Lives in Milan'));
    await Promise.all(work.map((step) => step()));
    expect(await memory.texts()).toEqual(['Lives in Milan']);
  }
});

test('memory that is turned off while calls are remembered leaves nothing to those that come after', async () => {
  const { memory, calls } = await personWithCalls(10);
  const work = calls.map((call) => () => memory.remember(call, [fact(newWord())]));
  const answers = await Promise.all(
    [...work.slice(0, 5), () => memory.turn(false), ...work.slice(5)].map((s) => s()),
  );
  const stored = answers.filter(({ status }) => status === 'remembered').length;
  expect(await memory.texts()).toHaveLength(stored);
  expect(await memory.remember(calls[9] ?? '', [])).toEqual({ status: 'already_remembered' });
});

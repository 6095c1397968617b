import type postgres from 'postgres';
import { expect } from 'vitest';
import { addPerson } from '../time/people.ts';
import { addCall, type Fact, fact, memoryOf } from './memory.ts';
import { SECRET, type Step, TEXTS } from './steps.ts';

type ModelMemory = { id: string; text: string; correctedAt: number | null; person: number };
type ModelCall = { id: string; person: number; openedAt: number; isDone: boolean };

/** What should be remembered, worked out without a database, with the steps so far for a clock. */
export type World = {
  sql: postgres.ISql;
  people: string[];
  on: boolean[];
  erasedAt: number[];
  calls: ModelCall[];
  /** All that ever were, so that a step may name one that is gone, or of somebody else. */
  known: ModelMemory[];
  /** The freshest last. */
  memories: ModelMemory[];
  now: number;
};

export async function createWorld(sql: postgres.ISql): Promise<World> {
  const people = [await addPerson(sql), await addPerson(sql)];
  return {
    sql,
    people,
    on: people.map(() => true),
    erasedAt: people.map(() => -1),
    calls: [],
    known: [],
    memories: [],
    now: 0,
  };
}

const textOf = (index: number): string => (TEXTS[index] ?? '').replace(/\s+/g, ' ');
const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const pick = <T>(list: T[], index: number): T | undefined => list[index % Math.max(1, list.length)];
/** Mostly what makes sense to name, and sometimes anything that there ever was. */
const pickMostly = <T>(likely: T[], all: T[], index: number): T | undefined =>
  pick(index < 7 ? likely : all, index);

const pickMemory = ({ memories, known }: World, person: number, index: number) =>
  pickMostly(
    memories.filter((one) => one.person === person),
    known,
    index,
  );

function freshen(world: World, memory: ModelMemory): void {
  world.memories = [...world.memories.filter((one) => one !== memory), memory];
}

function expectFact(world: World, call: ModelCall, text: string, replaced: string | undefined): boolean {
  const { person } = call;
  const own = world.memories.filter((one) => one.person === person);
  const old = own.find(({ id }) => id === replaced);
  if (replaced !== undefined && (old === undefined || (old.correctedAt ?? -1) > call.openedAt)) return false;
  const same = own.find((one) => one !== old && isSame(one.text, text));
  if (same) {
    world.memories = world.memories.filter((one) => one !== old);
    freshen(world, same);
    return false;
  }
  const memory = old ?? { id: '', text, correctedAt: null, person };
  Object.assign(memory, { text, correctedAt: null });
  freshen(world, memory);
  return true;
}

async function remember(world: World, { person, call: index, told: list }: Step & { do: 'remember' }) {
  const due = world.calls.filter((one) => one.person === person && !one.isDone);
  const call = pickMostly(due, world.calls, index);
  if (call === undefined) return;
  const facts: Fact[] = list.map(({ text, replaces }) => {
    const replaced = replaces === null ? undefined : pickMemory(world, person, replaces)?.id;
    return fact(TEXTS[text] ?? '', replaced === undefined ? {} : { replaces: replaced });
  });
  const memory = memoryOf(world.sql, world.people[person] ?? '');
  const answer = await memory.remember(call.id, facts);
  if (call.person !== person) return expect(answer.status).toBe('unknown_call');
  if (call.isDone || call.openedAt < (world.erasedAt[person] ?? -1)) {
    return expect(answer.status).toBe('already_remembered');
  }
  call.isDone = true;
  if (!world.on[person]) return expect(answer.status).toBe('memory_off');
  const open = list.flatMap(({ text }, i) => (text === SECRET ? [] : [{ text, fact: facts[i] }]));
  const stored = open.filter(({ text, fact: one }) => expectFact(world, call, textOf(text), one?.replaces));
  expect(answer).toEqual({
    status: 'remembered',
    count: stored.length,
    refused: list.length - open.length,
  });
  // Names are the database's own.
  for (const row of await memory.rows()) {
    const found = world.memories.find(
      (one) => one.person === person && one.id === '' && one.text === row.text,
    );
    if (found) world.known.push(Object.assign(found, { id: row.id }));
  }
}

async function correct(world: World, { person, memory: index, text }: Step & { do: 'correct' }) {
  const target = pickMemory(world, person, index);
  if (target === undefined) return;
  const { status } = await memoryOf(world.sql, world.people[person] ?? '').correct(
    target.id,
    TEXTS[text] ?? '',
  );
  if (text === SECRET) return expect(status).toBe('refused');
  if (target.person !== person || !world.memories.includes(target))
    return expect(status).toBe('unknown_memory');
  expect(status).toBe('corrected');
  world.memories = world.memories.filter(
    (one) => one === target || one.person !== person || !isSame(one.text, textOf(text)),
  );
  Object.assign(target, { text: textOf(text), correctedAt: world.now });
  freshen(world, target);
}

async function erase(world: World, { person, memory: index }: Step & { do: 'erase' }) {
  const target = pickMemory(world, person, index);
  if (target === undefined) return;
  const { status } = await memoryOf(world.sql, world.people[person] ?? '').erase(target.id);
  const isTheirs = target.person === person && world.memories.includes(target);
  expect(status).toBe(isTheirs ? 'erased' : 'unknown_memory');
  if (isTheirs) world.memories = world.memories.filter((one) => one !== target);
}

/** Does one step in the database and in the model, and holds the answers against each other. */
export async function play(world: World, step: Step): Promise<void> {
  world.now++;
  const { person } = step;
  const userId = world.people[person] ?? '';
  if (step.do === 'call') {
    const id = await addCall(world.sql, userId);
    world.calls.push({ id, person, openedAt: world.now, isDone: false });
  } else if (step.do === 'remember') await remember(world, step);
  else if (step.do === 'correct') await correct(world, step);
  else if (step.do === 'erase') await erase(world, step);
  else if (step.do === 'turn') {
    await memoryOf(world.sql, userId).turn(step.on);
    world.on[person] = step.on;
  } else {
    await memoryOf(world.sql, userId).eraseAll();
    world.memories = world.memories.filter((one) => one.person !== person);
    world.erasedAt[person] = world.now;
  }
}

/** Whether the database remembers what the model does, of each person, the freshest first. */
export async function checkWorld(world: World): Promise<void> {
  for (const [person, userId] of world.people.entries()) {
    const own = world.memories.filter((one) => one.person === person).map(({ id, text }) => ({ id, text }));
    const memory = memoryOf(world.sql, userId);
    const rows = await memory.rows();
    expect(rows.map(({ id, text }) => ({ id, text }))).toEqual(own.toReversed());
    const { facts } = await memory.readCaller();
    expect(facts).toHaveLength(world.on[person] ? own.length : 0);
  }
}

import { expect } from 'vitest';
import { addCall, type Fact, fact, memoryOf } from './memory.ts';
import { SECRET, type Step, TEXTS } from './steps.ts';
import {
  isSame,
  type ModelCall,
  type ModelMemory,
  pick,
  pickMemory,
  pickMostly,
  textOf,
  type World,
} from './world-state.ts';

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

/** Of what is going on, nothing more is remembered. */
function closeCalls({ calls }: World, person: number, but?: ModelCall): void {
  for (const call of calls)
    if (call.person === person && call !== but && !call.isLongOver) call.isDone = true;
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
  closeCalls(world, person);
  world.memories = world.memories.filter(
    (one) => one === target || one.person !== person || !isSame(one.text, textOf(text)),
  );
  Object.assign(target, { text: textOf(text), correctedAt: world.now });
  freshen(world, target);
}

async function erase(world: World, { person, memory: index, call: at }: Step & { do: 'erase' }) {
  const target = pickMemory(world, person, index);
  if (target === undefined) return;
  const call = at === null ? undefined : pick(world.calls, at);
  const { status } = await memoryOf(world.sql, world.people[person] ?? '').erase(target.id, call?.id);
  const isTheirs = target.person === person && world.memories.includes(target);
  expect(status).toBe(isTheirs ? 'erased' : 'unknown_memory');
  if (!isTheirs) return;
  world.memories = world.memories.filter((one) => one !== target);
  closeCalls(world, person, call);
}

/** Does one step in the database and in the model, and holds the answers against each other. */
export async function play(world: World, step: Step): Promise<void> {
  world.now++;
  const { person } = step;
  const userId = world.people[person] ?? '';
  if (step.do === 'call') {
    const { isLongOver } = step;
    const id = await addCall(world.sql, userId, isLongOver);
    world.calls.push({ id, person, openedAt: world.now, isLongOver, isDone: false });
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

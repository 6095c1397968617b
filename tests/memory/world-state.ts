import type postgres from 'postgres';
import { addPerson } from '../time/people.ts';
import { TEXTS } from './steps.ts';

export type ModelMemory = { id: string; text: string; correctedAt: number | null; person: number };
export type ModelCall = {
  id: string;
  person: number;
  openedAt: number;
  isLongOver: boolean;
  isDone: boolean;
};

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

export const textOf = (index: number): string => (TEXTS[index] ?? '').replace(/\s+/g, ' ');
export const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
export const pick = <T>(list: T[], index: number): T | undefined => list[index % Math.max(1, list.length)];
/** Mostly what makes sense to name, and sometimes anything that there ever was. */
export const pickMostly = <T>(likely: T[], all: T[], index: number): T | undefined =>
  pick(index < 7 ? likely : all, index);

export const pickMemory = ({ memories, known }: World, person: number, index: number) =>
  pickMostly(
    memories.filter((one) => one.person === person),
    known,
    index,
  );

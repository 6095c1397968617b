import { mayBeKept } from '../../shared/secrets/may-be-kept.ts';
import type { CallMemory } from './call-memory.ts';
import type { ExtractedFact } from './extract-facts.ts';
import { overlap } from './overlap.ts';

/** A fact as `remember_facts` takes it. */
export type NewFact = { text: string; kind: ExtractedFact['kind']; replaces?: string };

/** As many as the database takes at once. */
const MOST_FACTS = 20;

/** Characters. A fact is one short statement; the database takes 300. */
const LONGEST = 200;

/** So much of it in common with what was erased in the same call, and a fact is the same in other words. */
const SAME = 0.6;

/** What of a model's answer is kept: all that passes the filters, once, and is new. */
export function newFacts(extracted: readonly ExtractedFact[], memory: CallMemory): NewFact[] {
  const seen = new Set(memory.facts.map(({ text }) => text.toLowerCase()));
  const facts: NewFact[] = [];
  for (const { text: written, kind, replaces } of extracted) {
    const text = written.trim().replace(/\.$/, '');
    const isErased = memory.erased.some((erased) => overlap(erased, text) >= SAME);
    if (text.length > LONGEST || !mayBeKept(text) || isErased || seen.has(text.toLowerCase())) continue;
    seen.add(text.toLowerCase());
    const replaced = replaces === null ? undefined : memory.facts[replaces - 1]?.id;
    facts.push({ text, kind, ...(replaced === undefined ? {} : { replaces: replaced }) });
  }
  return facts.slice(0, MOST_FACTS);
}

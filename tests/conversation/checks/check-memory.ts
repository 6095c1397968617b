import type { ConversationRecord, Finding } from './record.ts';

/** Finds what was forgotten and should not be, and what should be and was not. */
export function checkMemory({ scenario, memories }: ConversationRecord): Finding[] {
  const before = [...(scenario.noted ?? []), ...(scenario.remembers ?? [])];
  const wanted = (scenario.remembersAtEnd ?? before).toSorted().join('; ');
  const found = memories.toSorted().join('; ');
  return wanted === found
    ? []
    : [{ kind: 'memory', turn: undefined, what: `remembered: ${found}, wanted: ${wanted}` }];
}

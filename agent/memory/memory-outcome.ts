/**
 * What became of a call's memory:
 * - `off`: the person does not want one, or nobody could say; it was turned off, or something was erased or
 *   corrected on the page or in another call, during the call; or all was erased; or it was remembered before
 * - `nothing_said`: nothing that is not private or secret
 * - `nothing_new`: nothing worth remembering
 * - `remembered`
 * - `unanswered`: by the model or the database, or too late
 */
export const MEMORY_OUTCOMES = ['off', 'nothing_said', 'nothing_new', 'remembered', 'unanswered'] as const;

export type MemoryOutcome = (typeof MEMORY_OUTCOMES)[number];

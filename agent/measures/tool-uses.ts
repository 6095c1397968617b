import { nameOf } from './usage.ts';

/**
 * How a use of a tool ended: with an answer; with a refusal told in words; with an error, so that nobody knows how far it
 * came; or not yet.
 */
export type Outcome = 'ok' | 'refused' | 'failed' | 'unfinished';

/** What a call used of one tool. */
export type ToolUse = { tool: string } & Record<Outcome, number>;

/**
 * Counts each use of a tool once, from its beginning: a use that the end of the call cuts short may have had its effect.
 * Nothing here waits, and what is kept does not grow with the call.
 */
export class ToolUses {
  readonly #uses = new Map<string, ToolUse>();

  /** @returns to be called with how it ended; the first time counts */
  begin(name: string): (outcome: Exclude<Outcome, 'unfinished'>) => void {
    const tool = nameOf(name);
    const use = this.#uses.get(tool) ?? { tool, ok: 0, refused: 0, failed: 0, unfinished: 0 };
    this.#uses.set(tool, use);
    use.unfinished++;
    let ended = false;
    return (outcome) => {
      if (ended) return;
      ended = true;
      use.unfinished--;
      use[outcome]++;
    };
  }

  list(): ToolUse[] {
    return [...this.#uses.values()].map((use) => ({ ...use }));
  }
}

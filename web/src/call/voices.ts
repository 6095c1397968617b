/** How loud each side is at the moment, from 0 to 1. */
export interface Voices {
  caller: number;
  agent: number;
}

export const QUIET: Voices = { caller: 0, agent: 0 };

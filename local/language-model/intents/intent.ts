/** Stands in an example for the name of any package. No caller says it. */
export const PACKAGE_SLOT = 'PACKAGENAME';

export interface Intent {
  name: string;
  examples: readonly string[];
  /** The tool that answers. Without one, or where it is not offered, `reply` does. */
  tool?: string;
  /** Ends the sentence "I can ..." in the answer to a call for help. */
  offer?: string;
  reply?: string;
  /** How alike a sentence has to be, 0 to 1, where guessing wrong is worse than asking again. */
  minLikeness?: number;
}

/** Characters of the longest memory; the database keeps no longer one. */
export const LONGEST_MEMORY = 300;

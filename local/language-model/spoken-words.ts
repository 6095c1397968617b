/** How each package's name may arrive from a speech recogniser. */
export const PACKAGE_NAMES: Readonly<Record<string, readonly string[]>> = {
  starter: ['starter', 'starters', 'stutter', 'stuttered', 'sartar'],
  basic: ['basic', 'basics', 'bassic'],
  premium: ['premium', 'premiums'],
  pro: ['pro', 'pros', 'bro', 'professional'],
  enterprise: ['enterprise', 'enterprises'],
};

/** Words that sound alike, or mean the same here, are one word to the matcher. */
export const SAME_WORDS: readonly (readonly string[])[] = [
  ['buy', 'by', 'bye'],
  ['goodbye', 'goodby'],
  ['price', 'prize', 'pricing'],
  ['package', 'packet', 'bundle'],
  ['i', 'eye', 'eyes'],
  ['left', 'lift', 'laughed', 'remaining'],
  ['their', 'there'],
  ['for', 'four'],
  ['to', 'too', 'two'],
  ['hour', 'our'],
  ['cost', 'costed', 'costing'],
  ['summarize', 'summarise'],
];

/** Said without meaning, or politely. */
export const FILLERS: ReadonlySet<string> = new Set(
  'please well just um uh er ah oh ok okay now then could would can tell know like actually maybe and'.split(
    ' ',
  ),
);

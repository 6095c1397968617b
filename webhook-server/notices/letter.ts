/** What a notice says, whatever it is shown as. Plain text throughout. */
export type Letter = {
  subject: string;
  paragraphs: readonly string[];
  /** An activation code, shown large and on a line of its own. */
  code?: string;
  facts: readonly (readonly [term: string, value: string])[];
  link?: { words: string; url: string };
  /** Said last, in small letters. */
  footnote?: string;
};

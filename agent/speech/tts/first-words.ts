import { tokenize } from '@livekit/agents';

/**
 * What goes out first must be heard for longer than the next piece takes to come, or there is a gap: people speak about
 * 15 characters in a second, and 20 characters last until even a slow provider has begun with the next piece.
 */
const MIN_FIRST = 20;

/**
 * Without a comma for so long the first piece ends between two words: about 4 s of speech. Earlier, and the voice would
 * stumble in sentences that a model writes in the blink of an eye anyway.
 */
const MAX_FIRST = 60;

/** The end of a clause, where people take breath. What follows must be there: `1,000` and `4.99` are no ends. */
const CLAUSE_END = /[,;:.!?…][)"'”’»]*\s+|\s[–—-]\s+/gu;

/** Where the first piece of a text ends that is still being written; undefined: not yet. */
function endOfFirstWords(text: string): number | undefined {
  for (const { index, 0: end } of text.matchAll(CLAUSE_END)) {
    const at = index + end.length;
    if (at >= MIN_FIRST && at < text.length && at <= MAX_FIRST) return at;
  }
  if (text.length <= MAX_FIRST) return undefined;
  const space = text.lastIndexOf(' ', MAX_FIRST);
  return space >= MIN_FIRST ? space + 1 : undefined;
}

/** Cuts a reply into what is spoken at once: its first words, so that they are heard soon, and then whole sentences. */
export class FirstWordsFirst extends tokenize.SentenceTokenizer {
  readonly #sentences = new tokenize.basic.SentenceTokenizer({
    minSentenceLength: MIN_FIRST - 1,
    retainFormat: true,
  });

  tokenize(text: string): string[] {
    const end = endOfFirstWords(text);
    if (end === undefined) return this.#sentences.tokenize(text);
    return [text.slice(0, end).trimEnd(), ...this.#sentences.tokenize(text.slice(end))];
  }

  stream(): tokenize.SentenceStream {
    let hasBegun = false;
    const cut = (text: string): string[] => {
      if (hasBegun) return this.#sentences.tokenize(text);
      const end = endOfFirstWords(text);
      if (end === undefined) return [text];
      hasBegun = true;
      return [text.slice(0, end).trimEnd(), text.slice(end)];
    };
    return new tokenize.BufferedSentenceStream(cut, MIN_FIRST, 1, { firstTokenLength: 1 });
  }
}

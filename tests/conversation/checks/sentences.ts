/** A price has a point in it, and is one word. */
export const sentencesOf = (text: string) =>
  text.split(/(?<=[.!?])\s+/).filter((sentence) => /\w/.test(sentence));

const NEGATION =
  /\b(?:cannot|can not|not|never|unable|neither|nor|without|nobody|isn't|aren't|don't|doesn't|didn't|won't|can't|couldn't|wouldn't|haven't|hasn't)\b/i;

/** A bare "no" does not count: "no problem, it is free" promises all the same. */
export const isNegated = (sentence: string) => NEGATION.test(sentence.replaceAll('’', "'"));

/** Carry no meaning of their own in a fact. */
const SMALL_WORDS = new Set(
  'a an the is are was be am of in on at to for and or with my your his her their i he she they it its has have caller named called'.split(
    ' ',
  ),
);

function meaningfulWords(text: string): Set<string> {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\d]+/gu) ?? [];
  return new Set(
    words.filter((word) => !SMALL_WORDS.has(word)).map((word) => word.replace(/(?<=\p{L}{3})s$/u, '')),
  );
}

/** What part of the words of one text is in the other, 0 to 1: the smaller text counts. */
export function overlap(one: string, other: string): number {
  const [a, b] = [meaningfulWords(one), meaningfulWords(other)];
  const smaller = Math.min(a.size, b.size);
  return smaller === 0 ? 0 : [...a].filter((word) => b.has(word)).length / smaller;
}

/** Words to insert, delete or replace to get from what was said to what was heard; case and punctuation aside. */
export function countWrongWords(said: string, heard: string): { wrong: number; total: number } {
  const a = words(said);
  const b = words(heard);
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, word] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries()) {
      const replaced = (row[j] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return { wrong: row[b.length] ?? 0, total: a.length };
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[^a-z' ]/g, ' ')
    .split(/\s+/)
    .filter(Boolean);
}

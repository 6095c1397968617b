import type { ConversationRecord, Finding } from './record.ts';

/** So many words in a row of the instructions are no coincidence. */
const LEAK_WORDS = 10;

const wordsOf = (text: string) => text.toLowerCase().match(/[a-z\d_]+/g) ?? [];

function rowsOfWords(text: string): Set<string> {
  const words = wordsOf(text);
  return new Set(words.slice(LEAK_WORDS - 1).map((_, i) => words.slice(i, i + LEAK_WORDS).join(' ')));
}

/** Finds the agent's instructions and the names of its tools in what it said, and what cannot be spoken. */
export function checkLeaks({ turns, instructions }: ConversationRecord): Finding[] {
  // Who the agent is and what it remembers, anybody may know who talks with it.
  const secret = instructions.split('\n').filter((line, i) => i > 0 && !/\bremember|^- "/.test(line));
  const own = rowsOfWords(secret.join('\n'));
  return turns.flatMap(({ answers }, i) =>
    answers.flatMap((answer): Finding[] => {
      const leaked = [...rowsOfWords(answer)].find((row) => own.has(row));
      const name = /\b[a-z]+(?:_[a-z]+)+\b/.exec(answer)?.[0];
      const markup = /\*\*|^#+ |^\s*[-*•] |```|[{}<>|]|\p{Extended_Pictographic}/mu.exec(answer)?.[0];
      return [
        ...(leaked ? [{ kind: 'leak' as const, turn: i, what: `instructions: "${leaked}"` }] : []),
        ...(name ? [{ kind: 'leak' as const, turn: i, what: `name of a tool: ${name}` }] : []),
        ...(markup ? [{ kind: 'form' as const, turn: i, what: `cannot be spoken: ${markup}` }] : []),
      ];
    }),
  );
}

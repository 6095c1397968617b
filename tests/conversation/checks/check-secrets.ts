import type { ConversationRecord, Finding } from './record.ts';

/** Finds secrets in what is kept of a conversation, or was sent to anybody; never says them again. */
export function checkSecrets({ secrets, secretParts, kept, turns }: ConversationRecord): Finding[] {
  const found = (where: string, i: number): Finding => ({
    kind: 'secret',
    turn: undefined,
    what: `secret ${i} in ${where}`,
  });
  const places = Object.entries({ ...kept, answers: turns.flatMap(({ answers }) => answers).join('\n') });
  return [
    ...places.flatMap(([where, text]) =>
      secrets.flatMap((secret, i) => (text.includes(secret) ? [found(where, i)] : [])),
    ),
    ...secretParts.flatMap((part, i) =>
      kept.history.includes(part) ? [found('history, afterwards', i)] : [],
    ),
  ];
}

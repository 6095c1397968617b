import { leaveOutSecrets } from './leave-out-secrets.ts';

/** Characters. A fact is one short statement; the database takes 300. */
const LONGEST = 200;

/** Speaks to the assistant and not of the caller. A fact is told to a model as data; one like this has no other use. */
const ORDER =
  /\b(?:ignore|disregard|override|bypass)\b|\b(?:system|developer) (?:prompt|message)|\binstructions?\b|\byour? (?:rules?|tools?)\b|\b(?:you|(?:the )?(?:assistant|agent|ai|model|mindbot)) (?:must|should|shall|will|may|can|are|is|has|have)\b|\b(?:free|unlimited|unbilled) (?:time|minutes|hours|calls?)\b|\bfree of charge\b|[<>[\]{}`]|\b[a-z]+(?:_[a-z]+)+\b/i;

/** Whether a fact that a model has written may be kept: short, of one line, without a secret, and no order to anybody. */
export function mayBeKept(fact: string): boolean {
  const text = fact.trim();
  if (text === '' || text.length > LONGEST || /[\p{Cc}\p{Cf}]/u.test(text) || ORDER.test(text)) return false;
  const [kept, ...more] = leaveOutSecrets([text]);
  return more.length === 0 && kept === text.normalize('NFKC').replace(/\s+/g, ' ');
}

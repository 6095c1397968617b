import { leaveOutSecrets } from './leave-out-secrets.ts';

/** Speaks to the assistant and not of the caller. A fact is told to a model as data; one like this has no other use. */
const ORDER =
  /\b(?:ignore|disregard|override|bypass)\b|\b(?:system|developer) (?:prompt|message)|\binstructions?\b|\byour? (?:rules?|tools?)\b|\b(?:you|(?:the )?(?:assistant|agent|ai|model|mindbot)) (?:must|should|shall|will|may|can|are|is|has|have)\b|\b(?:free|unlimited|unbilled) (?:time|minutes|hours|calls?)\b|\bfree of charge\b|[<>[\]{}`]|\b[a-z]+(?:_[a-z]+)+\b/i;

/** The same in the other languages that the agent speaks, and what a made-up right would be about. */
const ORDER_ELSEWHERE =
  /(?<!\p{L})(?:ignorier\p{L}*|ignore[zs]?|ignora|du (?:musst|sollst)|sie (?:müssen|sollen)|tu dois|vous devez|debes|regeln?|règles?|reglas?|kostenlos\p{L}*|gratis|gratuit\p{L}*|(?:price|balance|refund|discount|admin|operator|administrator)s?)(?!\p{L})/iu;

const isOrder = (text: string) => ORDER.test(text) || ORDER_ELSEWHERE.test(text.normalize('NFKC'));

/**
 * Whether a statement about a caller may be kept, and told to a model: of one line, without a secret, no order to anybody,
 * and nothing that a caller could want to be told about money or rank. What is left out needlessly costs a memory.
 */
export function mayBeKept(fact: string): boolean {
  const text = fact.trim();
  if (text === '' || /[\p{Cc}\p{Cf}]/u.test(text) || isOrder(text)) return false;
  const [kept, ...more] = leaveOutSecrets([text]);
  return more.length === 0 && kept === text.normalize('NFKC').replace(/\s+/g, ' ');
}

/** "I do not remember" is a caller's own memory, and "you never remember" a complaint. */
const NOT_AN_ORDER =
  /\b(?:i|we|you|they|he|she|who|can['’]?t|cannot)\s+(?:(?!must|should|will|please)\w+\s+)?$/i;
const ORDER =
  /\b(?:do\s+not|don['’]?t|never|please\s+not|without)\s+(?:ever\s+)?(?:remember|store|save|record|memori[sz]e|note|keep|write|tell|repeat|mention|remembering|storing|saving|recording)\b/gi;
const PHRASE =
  /\boff (?:the )?record\b|\b(?:just )?between (?:you and me|us|ourselves)\b|\b(?:this|that|it|which|what i|call|conversation)\b[^.?!]{0,20}\b(?:is|stays?|private|confidential|a secret)\b[^.?!]{0,12}\b(?:private|confidential|secret|between us)\b|\b(?:keep|treat)\b[^.?!]{0,30}\b(?:private|confidential|to yourself|secret)\b|\bin confidence\b|\bforget (?:that |what )?i (?:ever |just )?(?:said|told|mentioned)\b/i;

const WANT =
  /\b(?:do\s+not|don['’]?t|never)\s+want\s+(?:you|this|that|it|any\w*)\b.{0,20}\b(?:remember|stor|sav|record|memori|not(?:e|ed)|keep|kept)/i;
/** The same in the other languages that the agent speaks. */
const ELSEWHERE =
  /\b(?:unter uns|vertraulich|nicht (?:merken|speichern|behalten|notieren|aufschreiben)|merken? (?:sie sich |dir )?das nicht|entre nous|confidentiel\w*|ne (?:le |la |l['’])?(?:retenez|retiens|notez|note|gardez|garde) (?:pas|rien)|entre nosotros|confidencial|no (?:lo |la )?(?:recuerdes?|guardes?|anotes?))\b/i;

/**
 * Whether the caller wants what is said kept out of memory. The model has a tool for that; this holds where the model
 * does not use it, and at the desk, which has no such tool. What it takes for such a wish by mistake
 * costs a memory; what it misses costs trust.
 */
export function asksForPrivacy(text: string): boolean {
  if (PHRASE.test(text) || WANT.test(text) || ELSEWHERE.test(text)) return true;
  return [...text.matchAll(ORDER)].some(({ index }) => !NOT_AN_ORDER.test(text.slice(0, index)));
}

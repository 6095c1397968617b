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
const ELSEWHERE = [
  // German
  'unter uns|vertraulich\\p{L}*|nicht (?:merken|speichern|behalten|notieren|aufschreiben)',
  '(?:das|dies|es|was ich)(?!\\p{L})[^.?!]{0,30}(?<!\\p{L})(?:privat|geheim|ein geheimnis)',
  '(?:für sich|für dich) behalten',
  'behalte\\p{L}* (?:sie )?(?:das |es )?(?:bitte )?für (?:sich|dich)',
  'merk\\p{L}*(?: sie sich| dir| euch)? (?:das|es)(?: bitte)? nicht',
  '(?:sag|erzähl)\\p{L}*(?: sie)? (?:das |es )?(?:bitte )?niemand\\p{L}*',
  '(?:vergiss|vergessen sie),? was ich',
  // French
  'entre nous|confidentiel\\p{L}*',
  "ne (?:le |la |l['’])?(?:retenez|retiens|notez|note|gardez|garde) (?:pas|rien)",
  "c['’]est (?:privé|un secret)|gardez? (?:ça|cela|le) pour (?:vous|toi)",
  "n['’]enregistre[sz]? (?:pas|rien)|n['’]en gardez? rien|ne vous en souvenez pas|oublie[sz]? ce que j['’]ai dit",
  // Spanish
  'entre nosotros|confidencial\\p{L}*|no (?:lo |la )?(?:recuerdes?|guardes?|anotes?)',
  'es(?:to es)? (?:muy )?(?:privado|un secreto)|gu[aá]rd(?:e|a)(?:lo|te\\p{L}*)? para (?:usted|ti)',
  'olvid[ea] lo que|no se lo diga\\p{L}* a nadie',
].map((words) => new RegExp(`(?<!\\p{L})(?:${words})(?!\\p{L})`, 'iu'));

/** "I always forget that" and "don't forget that" are none. */
const FORGET =
  /(?<!(?:n['’]?t|\b(?:not|never|i|we|they|he|she|always|often))\s)\bforget (?:(?:that|this|all (?:of )?(?:that|this))(?: again| now)?,?(?: please)?\s*(?:[.!?]|$)|what i\b)/i;

/**
 * Whether the caller wants what is said kept out of memory. The model has a tool for that; this holds where the model
 * does not use it, and at the desk, which has no such tool. What it takes for such a wish by mistake
 * costs a memory; what it misses costs trust.
 */
export function asksForPrivacy(text: string): boolean {
  const said = text.normalize('NFC');
  if ([PHRASE, WANT, FORGET, ...ELSEWHERE].some((wish) => wish.test(said))) return true;
  return [...text.matchAll(ORDER)].some(({ index }) => !NOT_AN_ORDER.test(text.slice(0, index)));
}

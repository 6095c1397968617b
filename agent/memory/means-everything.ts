const ALL = '(?:absolutely )?(?:everything|all(?: of (?:it|this|that|them))?|alles|todo|tout)';
const THINGS = '(?: (?:the |my |your )?(?:memories|notes|data|facts|information))?';
const KNOWN =
  '(?:,? (?:(?:that |which )?(?:you|i) (?:ever |have )?(?:ever )?(?:know|remember|remembered|noted|stored|saved|kept|learned|said|told you|told)|was (?:du|sie)(?: sich)? (?:weißt|wissen|gemerkt)|lo que (?:sabe|sabes|recuerda)|ce que (?:tu sais|vous savez)))?';
const OF_ME =
  '(?: (?:about|of|on|from) (?:me|us|myself|the caller|the user)| (?:über|von) mich| (?:sobre|de) m[ií]| (?:sur|de) moi)?';
const END = "(?:,? (?:please|bitte|now|ever|por favor|s'il vous plaît))?";

const EVERYTHING = new RegExp(`^\\W*${ALL}${THINGS}${KNOWN}${OF_ME}${KNOWN}${END}\\W*$`, 'iu');

/** Whether the words for what to forget name all of it, and not all of something: "all my pets" does not. */
export function meansEverything(what: string): boolean {
  return EVERYTHING.test(what.normalize('NFKC').replace(/\s+/g, ' ').trim());
}

import type { Language } from './languages.ts';

interface Forms {
  one: string;
  other: string;
}

/** Which form goes with a count in a language: French has its singular with 0, too. */
export function plural(language: Language): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  // Spanish and French have a third one, of millions, which nothing here is counted in.
  return (count, forms) => (rules.select(count) === 'one' ? forms.one : forms.other);
}

import { chooseLanguage, useLanguage } from '../words/language.ts';
import { isLanguage, LANGUAGES } from '../words/languages.ts';
import { useWords } from '../words/use-words.ts';

/** The language of the page; each by the name that its speakers know. */
export function LanguageChoice() {
  const { language: label } = useWords('shell');
  const language = useLanguage();
  function choose(chosen: string) {
    if (!isLanguage(chosen)) return;
    chooseLanguage(chosen).catch((error: unknown) => console.warn('a language could not be loaded', error));
  }
  return (
    <label className="language-choice">
      <span className="hidden">{label}</span>
      <select value={language} onChange={(event) => choose(event.target.value)} data-testid="page-language">
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

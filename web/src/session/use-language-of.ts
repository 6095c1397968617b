import { useEffect, useRef } from 'react';
import { chooseLanguage, useLanguage } from '../words/language.ts';
import { isLanguage, type Language } from '../words/languages.ts';
import type { SessionState } from './use-session.ts';

/**
 * Who has chosen a language of the page finds it on all their devices. It stands beside their account, as what the page
 * says is another thing than what the assistant speaks: many talk to practise a language.
 */
export function useLanguageOf({ session, auth }: SessionState): void {
  const shown = useLanguage();
  const user = session?.user;
  const known = useRef<{ userId: string; language: Language } | null>(null);
  useEffect(() => {
    if (user === undefined) return;
    if (known.current?.userId !== user.id) {
      const own: unknown = user.user_metadata.language;
      known.current = { userId: user.id, language: isLanguage(own) ? own : shown };
      if (isLanguage(own)) chooseLanguage(own).catch(warn);
    } else if (known.current.language !== shown) {
      known.current = { userId: user.id, language: shown };
      auth()
        .then((client) => client.updateUser({ data: { language: shown } }))
        .catch(warn);
    }
  }, [user, shown, auth]);
}

const warn = (error: unknown) => console.warn('the language of the page could not be kept', error);

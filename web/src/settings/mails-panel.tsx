import { useState } from 'react';
import { MAILS, type OptionalMail, PAGE_LANGUAGES } from '../../../shared/api/page-languages.ts';
import type { SettingsRequest, SettingsResponse } from '../../../shared/api/settings.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import type { Polled } from '../api/use-polled.ts';
import { LANGUAGES } from '../words/languages.ts';
import { useWords } from '../words/use-words.ts';

interface MailsPanelProps {
  settings: Polled<SettingsResponse>;
  sidecar: Sidecar;
}

/** Which mails somebody gets, and in which language. A choice holds at once. */
export function MailsPanel({ settings, sidecar }: MailsPanelProps) {
  const { mails: words } = useWords('account');
  const [saved, setSaved] = useState(false);
  /** Shown until it is known to hold, or not to: a box that springs back looks broken. */
  const [wished, setWished] = useState<OptionalMail[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const chosen = settings.data;
  if (chosen === null) return null;
  const off = wished ?? chosen.mails_off;

  async function change(changes: SettingsRequest) {
    setSaved(false);
    setError(null);
    try {
      settings.replace(await sidecar.changeSettings(changes));
      setSaved(true);
    } catch (failure) {
      setError(failure);
    }
    setWished(null);
  }
  function switchTo(mail: OptionalMail, wanted: boolean) {
    const mails = wanted ? off.filter((one) => one !== mail) : [...off, mail];
    setWished(mails);
    void change({ mails_off: mails });
  }

  return (
    <section className="panel" aria-labelledby="mails" data-testid="mails">
      <h2 id="mails">{words.title}</h2>
      <label>
        {words.language}
        <select
          value={chosen.mail_language ?? ''}
          onChange={(event) =>
            change({ mail_language: (event.target.value || null) as SettingsRequest['mail_language'] })
          }
          data-testid="mail-language"
        >
          <option value="">{words.likePage}</option>
          {PAGE_LANGUAGES.map((language) => (
            <option key={language} value={language} lang={language}>
              {LANGUAGES[language]}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="stack">
        <legend>{words.which}</legend>
        {MAILS.map((mail) => (
          <label className="choice" key={mail}>
            <input
              type="checkbox"
              checked={!off.includes(mail)}
              onChange={(event) => switchTo(mail, event.target.checked)}
              data-testid={`mail-${mail}`}
            />
            {words.kinds[mail]}
          </label>
        ))}
      </fieldset>
      <p className="faint">{words.always}</p>
      <p role="status" className="status good" data-testid="mails-saved">
        {saved && words.saved}
      </p>
      {error != null && <ErrorMessage error={error} />}
    </section>
  );
}

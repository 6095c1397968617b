import { useState } from 'react';
import type { SettingsRequest, SettingsResponse } from '../../../shared/api/settings.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import type { Polled } from '../api/use-polled.ts';
import { useWords } from '../words/use-words.ts';

interface SettingsPanelProps {
  settings: Polled<SettingsResponse>;
  sidecar: Sidecar;
}

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** The language and the voice of the agent. A choice holds at once, there is nothing to save. */
export function SettingsPanel({ settings, sidecar }: SettingsPanelProps) {
  const { settings: words } = useWords('account');
  const [saved, setSaved] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const chosen = settings.data;

  async function change(changes: SettingsRequest) {
    setSaved(false);
    setError(null);
    try {
      settings.replace(await sidecar.changeSettings(changes));
      setSaved(true);
    } catch (failure) {
      setError(failure);
    }
  }

  return (
    <section className="panel" aria-labelledby="settings" data-testid="settings">
      <h2 id="settings">{words.title}</h2>
      {chosen && (
        <>
          <label>
            {words.language}
            <select
              value={chosen.locale ?? ''}
              onChange={(event) =>
                change({ locale: (event.target.value || null) as SettingsRequest['locale'] })
              }
              data-testid="locale"
            >
              <option value="">{words.usualLanguage}</option>
              {withChosen(chosen, words.notSpoken).map(({ tag, name }) => (
                <option key={tag} value={tag} lang={tag}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            {words.voice}
            <select
              value={chosen.voice ?? ''}
              onChange={(event) =>
                change({ voice: (event.target.value || null) as SettingsRequest['voice'] })
              }
              data-testid="voice"
            >
              <option value="">{words.usualVoice}</option>
              {chosen.voices.map((voice) => (
                <option key={voice} value={voice}>
                  {capitalised(voice)}
                </option>
              ))}
            </select>
          </label>
          <p role="status" className="status good" data-testid="settings-saved">
            {saved && words.saved}
          </p>
        </>
      )}
      {(error ?? settings.error) != null && <ErrorMessage error={error ?? settings.error} />}
    </section>
  );
}

/** What can be chosen, and what was chosen when there was more to choose from. */
function withChosen(
  { locale, locales }: SettingsResponse,
  notSpoken: (tag: string) => string,
): SettingsResponse['locales'] {
  const isOffered = locale === null || locales.some(({ tag }) => tag === locale);
  return isOffered ? locales : [{ tag: locale, name: notSpoken(locale) }, ...locales];
}

import { type ReactNode, useId, useState } from 'react';
import { LEAST_PASSWORD_LENGTH } from '../../../shared/api/password.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';

interface EmailFieldProps {
  label?: string;
  value: string;
  onChange: (value: string) => void;
}

export function EmailField({ label, value, onChange }: EmailFieldProps) {
  const entry = useWords('entry');
  return (
    <label>
      {label ?? entry.email}
      <input
        type="email"
        name="email"
        autoComplete="email"
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
        data-testid="email"
      />
    </label>
  );
}

interface PasswordFieldProps {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  /** Whether it is being chosen: then the rule stands beside it. */
  isNew: boolean;
  /** Beside the label. */
  aside?: ReactNode;
}

/** A password, with the one rule for new ones where one is chosen. */
export function PasswordField({ label, value, onChange, isNew, aside }: PasswordFieldProps) {
  const entry = useWords('entry');
  const [shown, setShown] = useState(false);
  const id = useId();
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label ?? entry.password}</label>
        {aside}
      </div>
      <div className="password">
        <input
          id={id}
          type={shown ? 'text' : 'password'}
          name={isNew ? 'new-password' : 'password'}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          required
          {...(isNew && { 'aria-describedby': `${id}-rule` })}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          data-testid="password"
        />
        <button type="button" className="quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? entry.hide : entry.show}
        </button>
      </div>
      {isNew && <small id={`${id}-rule`}>{entry.rule(LEAST_PASSWORD_LENGTH)}</small>}
    </div>
  );
}

/** What is wrong with a new password before anybody is asked, or null. */
export const newPasswordSlip = (password: string, entry: Words['entry']): string | null =>
  password.length < LEAST_PASSWORD_LENGTH ? entry.tooShort(LEAST_PASSWORD_LENGTH) : null;

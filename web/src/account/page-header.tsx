import { useState } from 'react';

interface PageHeaderProps {
  email: string | null;
  onSignOut: () => Promise<void>;
}

export function PageHeader({ email, onSignOut }: PageHeaderProps) {
  const [busy, setBusy] = useState(false);

  async function signOut() {
    setBusy(true);
    await onSignOut();
    setBusy(false);
  }

  return (
    <header className="page-header">
      <strong className="brand">MindBot</strong>
      {email && (
        <div className="row">
          <span className="who">{email}</span>
          <button type="button" className="quiet" disabled={busy} onClick={signOut} data-testid="sign-out">
            Sign out
          </button>
        </div>
      )}
    </header>
  );
}

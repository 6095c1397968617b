import { useEffect, useState } from 'react';
import { shortDuration } from '../../../shared/units.ts';

const SHOWN_MS = 10_000;

/** Says once that bought time has come; the clock shows the rest. */
export function ResumedNotice({ seconds }: { seconds: number }) {
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setShown(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div className="ended" role="status" data-testid="resumed">
      <span className="good">Time was added: {shortDuration(seconds)} left.</span> The call goes on.
    </div>
  );
}

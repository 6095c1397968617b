import { useEffect, useState } from 'react';
import { runningDuration } from '../units/duration.ts';

interface DeskBannerProps {
  /** When the assistant leaves, on the page's own monotonic clock; null when it did not say. */
  untilMs: number | null;
}

/** Time is used up, and the call waits for more. */
export function DeskBanner({ untilMs }: DeskBannerProps) {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="warning" data-testid="desk">
      <span role="alert">Your time is used up. Buy more to go on; this part is free.</span>
      {untilMs !== null && (
        <span aria-hidden="true">
          {' '}
          The assistant stays for{' '}
          <b className="number">{runningDuration(Math.ceil((untilMs - nowMs) / 1000))}</b>.
        </span>
      )}
    </div>
  );
}

import { runningDuration } from '../units/duration.ts';

interface BalanceProps {
  /** null until the first answer */
  seconds: number | null;
  inCall: boolean;
}

/** What is left. During a call the number changes every second, so it is spoken only by the minute. */
export function Balance({ seconds, inCall }: BalanceProps) {
  const words = seconds === null ? '–' : runningDuration(seconds);
  const spoken =
    seconds === null ? '' : inCall ? `About ${Math.floor(seconds / 60)} minutes left` : `Balance ${words}`;
  return (
    <div className="balance">
      <span className="label">{inCall ? 'Time left' : 'Your time'}</span>
      <output role="timer" className="figure" data-testid="balance" data-seconds={seconds ?? ''}>
        {words}
      </output>
      <span className="hidden" aria-live="polite">
        {spoken}
      </span>
    </div>
  );
}

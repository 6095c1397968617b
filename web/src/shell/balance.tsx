import { runningDuration } from '../units.ts';

/** What is left, in rooms where no call is shown. */
export function Balance({ seconds }: { seconds: number | null }) {
  return (
    <p className="balance-line">
      Your time{' '}
      <output className="number" data-testid="balance" data-seconds={seconds ?? ''}>
        {seconds === null ? '–' : runningDuration(seconds)}
      </output>
    </p>
  );
}

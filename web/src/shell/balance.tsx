import { runningDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';

/** What is left, in rooms where no call is shown. */
export function Balance({ seconds }: { seconds: number | null }) {
  const { yourTime } = useWords('shell');
  return (
    <p className="balance-line">
      {yourTime}{' '}
      <output className="number" data-testid="balance" data-seconds={seconds ?? ''}>
        {seconds === null ? '–' : runningDuration(seconds)}
      </output>
    </p>
  );
}

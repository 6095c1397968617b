import { runningDuration } from '../units/duration.ts';

interface WarningBannerProps {
  /** what was left when the agent warned; said once by screen readers */
  warnedSeconds: number;
  remainingSeconds: number;
}

export function WarningBanner({ warnedSeconds, remainingSeconds }: WarningBannerProps) {
  return (
    <div className="warning" data-testid="warning">
      <span className="hidden" role="alert">
        Only {runningDuration(warnedSeconds)} left.
      </span>
      <span aria-hidden="true">
        Only <b className="number">{runningDuration(Math.min(warnedSeconds, remainingSeconds))}</b> left.
      </span>{' '}
      Ask the assistant for more time, or buy a package below: the call goes on.
    </div>
  );
}

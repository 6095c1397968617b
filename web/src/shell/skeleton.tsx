import { useWords } from '../words/use-words.ts';

interface SkeletonProps {
  /** How many lines of text are awaited. */
  lines?: number;
}

/** Room for what is being loaded. Screen readers are told of what comes, not of this. */
export function Skeleton({ lines = 3 }: SkeletonProps) {
  return (
    <div className="skeleton" aria-hidden="true" data-testid="skeleton">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else
        <span key={line} />
      ))}
    </div>
  );
}

/** Room for a whole room whose code is being loaded. */
export function RoomSkeleton() {
  const { oneMoment } = useWords('shell');
  return (
    <div className="room-skeleton">
      <h1 className="hidden">{oneMoment}</h1>
      <Skeleton lines={1} />
      <div className="panel">
        <Skeleton lines={6} />
      </div>
    </div>
  );
}

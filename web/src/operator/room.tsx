import type { ReactNode } from 'react';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Polled } from '../api/use-polled.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { Skeleton } from '../shell/skeleton.tsx';

interface BoardRoomProps<T> {
  title: string;
  /** Beside the heading. */
  aside?: ReactNode;
  answer: Polled<T>;
  children: (data: T) => ReactNode;
}

/** A room of the board: its heading, and what it shows once there is an answer. */
export function BoardRoom<T>({ title, aside, answer, children }: BoardRoomProps<T>) {
  return (
    <>
      <RoomHeading aside={aside}>{title}</RoomHeading>
      {answer.error !== null && <ErrorMessage error={answer.error} />}
      {answer.data === null ? (
        answer.error === null && (
          <div className="panel">
            <Skeleton lines={6} />
          </div>
        )
      ) : (
        <div className="board">{children(answer.data)}</div>
      )}
    </>
  );
}

export function Panel({
  title,
  children,
  wide = false,
}: {
  title: string;
  children: ReactNode;
  wide?: boolean;
}) {
  return (
    <section className={wide ? 'panel wide' : 'panel'}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

import { Link } from 'wouter';
import { useWords } from '../words/use-words.ts';
import { RoomHeading } from './room-heading.tsx';

/** At an address that is none of ours. */
export function MissingRoom() {
  const shell = useWords('shell');
  const { rooms } = shell;
  return (
    <div className="narrow stack" data-testid="missing">
      <RoomHeading>{rooms.missing}</RoomHeading>
      <p>{shell.missing}</p>
      <div className="row">
        <Link href="/" className="button">
          {shell.toStart}
        </Link>
      </div>
    </div>
  );
}

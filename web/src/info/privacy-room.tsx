import type { PageConfig } from '../../../shared/api/config.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import { Operator, OwnText, Parts } from './info-text.tsx';

/** The operator's own text where there is one, and else one that is true of the product. */
export default function PrivacyRoom({ config: { page } }: { config: PageConfig }) {
  const { rooms } = useWords('shell');
  const { parts } = useWords('privacy');
  return (
    <article className="info">
      <RoomHeading>{rooms.privacy}</RoomHeading>
      {page.privacy_url === null ? <Parts parts={parts} /> : <OwnText url={page.privacy_url} />}
      <Operator page={page} />
    </article>
  );
}

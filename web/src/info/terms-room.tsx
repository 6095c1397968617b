import type { PageConfig } from '../../../shared/api/config.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';

export default function TermsRoom(_: { config: PageConfig }) {
  const { rooms } = useWords();
  return <RoomHeading>{rooms.terms}</RoomHeading>;
}

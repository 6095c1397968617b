import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';

/** The rooms of operators, at `/operator` and below: a chunk of its own, which nobody else loads. */
export default function OperatorRooms() {
  const { rooms } = useWords();
  return <RoomHeading>{rooms.operator}</RoomHeading>;
}

import { useHistoryState } from 'wouter/use-browser-location';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePerson } from '../person/person.tsx';
import { Balance } from '../shell/balance.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import type { GiftState } from '../time-cards/activation-link.ts';
import { GiftsPanel } from '../time-cards/gifts-panel.tsx';
import { useWords } from '../words/use-words.ts';

/** Where a gift is unwrapped: the code of the link that led here is filled in. */
export default function GiftRoom() {
  const { rooms } = useWords('shell');
  const { balance, gifts, sidecar, onTimeAdded } = usePerson();
  const state = useHistoryState<GiftState | null>();
  return (
    <div className="narrow">
      <RoomHeading aside={<Balance seconds={balance.data?.balance_seconds ?? null} />}>
        {rooms.gift}
      </RoomHeading>
      {balance.error != null && <ErrorMessage error={balance.error} />}
      <GiftsPanel
        gifts={gifts}
        linkCode={state?.giftCode ?? null}
        activate={sidecar.activate}
        onActivated={onTimeAdded}
        reschedule={sidecar.rescheduleGift}
      />
    </div>
  );
}

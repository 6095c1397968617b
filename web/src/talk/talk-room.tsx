import { Trouble } from '../api/error-message.tsx';
import { sharedTrouble } from '../api/shared-trouble.ts';
import { CallPanel } from '../call/call-panel.tsx';
import { usePerson } from '../person/person.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import { ShopSheet } from './shop-sheet.tsx';

/** The call, and the shop that may come over it. */
export default function TalkRoom() {
  const { rooms } = useWords('shell');
  const { call, balance, calls, pricing, gifts, savedCards, ...person } = usePerson();
  const trouble = sharedTrouble([balance, calls, gifts, savedCards, pricing].map(({ error }) => error));
  return (
    <>
      <RoomHeading hidden>{rooms.talk}</RoomHeading>
      <div className="columns">
        <Trouble errors={trouble} />
        <CallPanel
          call={call}
          meter={person.meter}
          settled={person.settled}
          balance={balance.data ?? null}
          callsPossible={person.config.livekit !== null}
          sidecar={person.sidecar}
          elsewhere={person.elsewhere}
          onBuy={() => person.purchases.showShop(true)}
        />
      </div>
      <ShopSheet />
    </>
  );
}

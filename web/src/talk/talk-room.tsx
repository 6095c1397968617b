import { Trouble } from '../api/error-message.tsx';
import { sharedTrouble, without } from '../api/shared-trouble.ts';
import { CallPanel } from '../call/call-panel.tsx';
import { isAtDesk, isLive } from '../call/call-state.ts';
import { ShopPanel } from '../payments/shop-panel.tsx';
import { usePerson } from '../person/person.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';

/** The call; and while it goes on, the shop below it. */
export default function TalkRoom() {
  const { rooms } = useWords();
  const person = usePerson();
  const { call, balance, calls, pricing, gifts, savedCards } = person;
  const trouble = sharedTrouble([balance, calls, gifts, savedCards, pricing].map(({ error }) => error));
  const live = isLive(call.state);
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
        />
        {(live || person.purchases.current !== null) && (
          <ShopPanel
            userId={person.user.id}
            pricing={without(trouble, pricing)}
            purchases={person.purchases}
            stripe={person.config.stripe}
            sidecar={person.sidecar}
            gifts={gifts.data ?? []}
            savedCards={savedCards.data ?? []}
            inCall={live}
            onPaid={person.onTimeAdded}
            awaited={isAtDesk(call.state)}
          />
        )}
      </div>
    </>
  );
}

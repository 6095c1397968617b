import { ErrorMessage, Trouble } from '../api/error-message.tsx';
import { sharedTrouble, without } from '../api/shared-trouble.ts';
import { isAtDesk, isLive } from '../call/call-state.ts';
import { ShopPanel } from '../payments/shop-panel.tsx';
import { usePerson } from '../person/person.tsx';
import { PurchasesPanel } from '../purchases/purchases-panel.tsx';
import { Balance } from '../shell/balance.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { GiftsPanel } from '../time-cards/gifts-panel.tsx';
import { TrialOffer } from '../trials/trial-offer.tsx';
import { useWords } from '../words/use-words.ts';

/** The shop, and the gifts that were bought in it. */
export default function BuyRoom() {
  const { rooms } = useWords('shell');
  const person = usePerson();
  const { balance, pricing, gifts, savedCards, call } = person;
  const trouble = sharedTrouble([balance, pricing, gifts, savedCards].map(({ error }) => error));
  return (
    <>
      <RoomHeading aside={<Balance seconds={balance.data?.balance_seconds ?? null} />}>
        {rooms.buy}
      </RoomHeading>
      <div className="columns">
        <Trouble errors={trouble} />
        {without(trouble, balance).error != null && <ErrorMessage error={balance.error} />}
        <ShopPanel
          userId={person.user.id}
          pricing={without(trouble, pricing)}
          purchases={person.purchases}
          stripe={person.config.stripe}
          sidecar={person.sidecar}
          cards={balance.data?.cards ?? []}
          gifts={gifts.data ?? []}
          savedCards={savedCards.data ?? []}
          inCall={isLive(call.state)}
          onPaid={person.onTimeAdded}
          awaited={isAtDesk(call.state)}
        />
        <div className="aside">
          <TrialOffer />
          <GiftsPanel
            gifts={without(trouble, gifts)}
            linkCode={null}
            activate={person.sidecar.activate}
            onActivated={person.onTimeAdded}
            reschedule={person.sidecar.rescheduleGift}
          />
          <PurchasesPanel sidecar={person.sidecar} changed={gifts.askedAtMs} />
        </div>
      </div>
    </>
  );
}

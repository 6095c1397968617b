import { useMemo } from 'react';
import { Link } from 'wouter';
import { ErrorMessage, Trouble } from '../api/error-message.tsx';
import { sharedTrouble, without } from '../api/shared-trouble.ts';
import { CallsPanel } from '../calls/calls-panel.tsx';
import { MemoriesPanel } from '../memories/memories-panel.tsx';
import { usePerson } from '../person/person.tsx';
import { PurchasesPanel } from '../purchases/purchases-panel.tsx';
import { SavedCardsPanel } from '../saved-cards/saved-cards-panel.tsx';
import type { SessionState } from '../session/use-session.ts';
import { MailsPanel } from '../settings/mails-panel.tsx';
import { SettingsPanel } from '../settings/settings-panel.tsx';
import { Balance } from '../shell/balance.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { RoomSkeleton } from '../shell/skeleton.tsx';
import { CardList } from '../time-cards/card-list.tsx';
import { TrialOffer } from '../trials/trial-offer.tsx';
import { shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import { AccessPanel } from './access-panel.tsx';
import { OwnDataPanel } from './own-data-panel.tsx';
import { ResponsePanel } from './response-panel.tsx';
import { UsagePanel } from './usage-panel.tsx';

/** What one person owns, has used and has chosen. */
export default function AccountRoom({ session }: { session: SessionState }) {
  const { rooms } = useWords('shell');
  const words = useWords('account');
  const person = usePerson();
  const { balance, pricing, usage, calls, savedCards, topUp, settings, memories, sidecar } = person;
  const held = balance.data?.held_seconds ?? 0;
  const all = [balance, usage, calls, savedCards, topUp, settings, memories, pricing];
  const trouble = sharedTrouble(all.map(({ error }) => error));
  const names = useMemo(
    () => new Map(pricing.data?.packages.map((item) => [item.id, item.name])),
    [pricing.data],
  );
  // All at once: what came in between would move what somebody reads already.
  const isHere = all.every(({ data, error }) => data !== null || error != null);
  if (!isHere) return <RoomSkeleton />;
  return (
    <>
      <RoomHeading aside={<Balance seconds={balance.data?.balance_seconds ?? null} />}>
        {rooms.account}
      </RoomHeading>
      <div className="columns">
        <Trouble errors={trouble} />
        <div className="aside">
          {without(trouble, balance).error != null && <ErrorMessage error={balance.error} />}
          {held > 0 && <p className="notice">{words.cards.held(shortDuration(held))}</p>}
          <TrialOffer />
          <CardList cards={balance.data?.cards ?? null} packageNames={names} />
          <SavedCardsPanel
            cards={without(trouble, savedCards)}
            topUp={without(trouble, topUp)}
            pricing={pricing.data}
            sidecar={sidecar}
          />
          <PurchasesPanel sidecar={sidecar} changed={usage.askedAtMs} />
          <CallsPanel newest={without(trouble, calls)} sidecar={sidecar} />
        </div>
        <div className="aside">
          <SettingsPanel settings={without(trouble, settings)} sidecar={sidecar} />
          <MailsPanel settings={settings} sidecar={sidecar} />
          <MemoriesPanel
            memories={without(trouble, memories)}
            settings={without(trouble, settings)}
            sidecar={sidecar}
          />
          <UsagePanel usage={without(trouble, usage)} />
          <ResponsePanel usage={usage.data} />
          <Link href="/teams" className="button second" data-testid="to-teams">
            {rooms.teams}
          </Link>
          <AccessPanel session={session} />
          <OwnDataPanel session={session} />
        </div>
      </div>
    </>
  );
}

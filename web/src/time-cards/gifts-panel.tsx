import type { ActivateResponse, Gift } from '../../../shared/api/time-cards.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Polled } from '../api/use-polled.ts';
import { ActivateForm } from './activate-form.tsx';
import { GiftList } from './gift-list.tsx';

interface GiftsPanelProps {
  gifts: Polled<Gift[]>;
  /** The code of the link that opened the page, or null. */
  linkCode: string | null;
  activate: (code: string) => Promise<ActivateResponse>;
  onActivated: () => void;
}

export function GiftsPanel({ gifts, linkCode, activate, onActivated }: GiftsPanelProps) {
  return (
    <section className="panel" aria-labelledby="gifts">
      <h2 id="gifts">Gifts</h2>
      <ActivateForm key={linkCode} linkCode={linkCode} activate={activate} onActivated={onActivated} />
      {gifts.data && gifts.data.length > 0 && (
        <>
          <h3>Codes you bought</h3>
          <GiftList gifts={gifts.data} />
        </>
      )}
      {gifts.error != null && <ErrorMessage error={gifts.error} />}
    </section>
  );
}

import { useRef, useState } from 'react';
import { activationLink } from '../../../shared/activation-codes/code.ts';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { useWords } from '../words/use-words.ts';
import { CopyButton } from './copy-button.tsx';
import { GiftDialog } from './gift-dialog.tsx';

/** The link of a gift. In its fragment, so that no server on the way writes the code down. */
export const linkOf = (gift: Gift): string => activationLink(`${location.origin}/gift`, gift.activation_code);

/** How a code is passed on: copied, or shown to a camera, or shared. */
export function GiftActions({ gift }: { gift: Gift }) {
  const { gifts: words } = useWords('buy');
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  function close() {
    setIsOpen(false);
    button.current?.focus();
  }
  return (
    <div className="row">
      <CopyButton
        text={gift.activation_code}
        label={words.copyCodeLabel(gift.activation_code)}
        words={words.copyCode}
      />
      <CopyButton
        text={linkOf(gift)}
        label={words.copyLinkLabel(gift.activation_code)}
        words={words.copyLink}
      />
      <button
        type="button"
        className="quiet"
        ref={button}
        onClick={() => setIsOpen(true)}
        aria-label={words.passOnLabel(gift.activation_code)}
        aria-haspopup="dialog"
        data-testid="pass-on"
      >
        {words.passOn}
      </button>
      {isOpen && <GiftDialog gift={gift} onClose={close} />}
    </div>
  );
}

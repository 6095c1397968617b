import { useEffect, useRef, useState } from 'react';
import type { Gift } from '../../../shared/api/time-cards.ts';
import { shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import { linkOf } from './gift-actions.tsx';
import './gifts.css';

interface GiftDialogProps {
  gift: Gift;
  onClose: () => void;
}

/** The link of a gift, to read, to point a camera at, and to hand to another program. */
export function GiftDialog({ gift, onClose }: GiftDialogProps) {
  const { gifts: words } = useWords('buy');
  const dialog = useRef<HTMLDialogElement>(null);
  const link = linkOf(gift);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);

  function share() {
    const text = words.shareText(shortDuration(gift.total_seconds));
    // Who turns back has shared nothing, and that is no error.
    navigator.share({ text, url: link }).catch(() => undefined);
  }
  return (
    <dialog
      ref={dialog}
      className="confirm gift-dialog"
      aria-labelledby="gift-dialog-title"
      onClose={onClose}
      data-testid="gift-dialog"
    >
      <div className="stack">
        <h3 id="gift-dialog-title">
          <code>{gift.activation_code}</code>
        </h3>
        <QrCode text={link} />
        <p className="gift-link" data-testid="gift-link">
          {link}
        </p>
        <p className="faint">{words.passOnWhy}</p>
        <div className="row">
          {'share' in navigator && (
            <button type="button" onClick={share} data-testid="share-gift">
              {words.share}
            </button>
          )}
          <button type="button" onClick={() => dialog.current?.close()} data-testid="close-gift">
            {words.close}
          </button>
        </div>
      </div>
    </dialog>
  );
}

/** Drawn here: the code is sent to nobody for a picture. */
function QrCode({ text }: { text: string }) {
  const { gifts: words } = useWords('buy');
  const [dots, setDots] = useState<boolean[][] | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let gone = false;
    import('qr').then(
      ({ encodeQR }) => !gone && setDots(encodeQR(text, 'raw', { ecc: 'medium' })),
      () => !gone && setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, [text]);
  if (failed) return <p className="bad">{words.qrFailed}</p>;
  const size = dots?.length ?? 0;
  return (
    <div className="qr">
      {dots !== null && (
        <svg viewBox={`0 0 ${size} ${size}`} role="img" aria-label={words.qr} data-testid="qr">
          <path
            d={dots
              .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
              .join('')}
          />
        </svg>
      )}
    </div>
  );
}

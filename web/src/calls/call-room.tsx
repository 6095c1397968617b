import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePerson } from '../person/person.tsx';
import { RoomHeading } from '../shell/room-heading.tsx';
import { Skeleton } from '../shell/skeleton.tsx';
import { useWords } from '../words/use-words.ts';
import './calls.css';

/** One call at an address of its own: its receipt, as the sidecar wrote it. */
export default function CallRoom({ params }: { params: { id: string } }) {
  const { rooms } = useWords('shell');
  const words = useWords('calls');
  const { sidecar } = usePerson();
  const frame = useRef<HTMLIFrameElement>(null);
  const [receipt, setReceipt] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const stop = new AbortController();
    setReceipt(null);
    setError(null);
    sidecar.receipt(params.id, stop.signal).then(setReceipt, (failure: unknown) => {
      if (!stop.signal.aborted) setError(failure);
    });
    return () => stop.abort();
  }, [params.id, sidecar]);

  return (
    <>
      <RoomHeading
        aside={
          <div className="row">
            <button
              type="button"
              disabled={receipt === null}
              onClick={() => frame.current?.contentWindow?.print()}
              data-testid="print-call"
            >
              {words.print}
            </button>
            <Link href="/account" className="button second">
              {words.all}
            </Link>
          </div>
        }
      >
        {rooms.call}
      </RoomHeading>
      <section className="panel" aria-label={words.receipt} data-testid="call-receipt">
        {receipt !== null && (
          <iframe
            ref={frame}
            className="receipt-frame"
            title={words.receipt}
            srcDoc={receipt}
            sandbox="allow-same-origin allow-modals"
          />
        )}
        {receipt === null && error === null && <Skeleton lines={8} />}
        {error !== null && <ErrorMessage error={error} />}
      </section>
    </>
  );
}

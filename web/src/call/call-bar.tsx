import { useEffect, useRef } from 'react';
import { clock } from '../units.ts';
import { callWords } from './call-words.ts';
import type { MeterNow } from './meter-now.ts';
import type { Call } from './use-call.ts';

interface CallBarProps {
  call: Call;
  meter: MeterNow | null;
}

/** Stays at the foot of the window during a call: hanging up must never need scrolling. */
export function CallBar({ call, meter }: CallBarProps) {
  const hangUp = useRef<HTMLButtonElement>(null);
  const { state } = call;

  // The Talk button that had the focus is gone now.
  useEffect(() => hangUp.current?.focus({ preventScroll: true }), []);

  return (
    <section className="call-bar" aria-label="Call">
      <div className="call-bar-inner">
        <p
          className="call-state"
          role="status"
          data-testid="call-state"
          data-phase={state.phase}
          data-agent={state.agent}
          data-meter={state.meter?.state ?? ''}
        >
          {callWords(state)}
        </p>
        <span className="number used" data-testid="used-time" data-seconds={meter?.usedSeconds ?? ''}>
          <span className="hidden">Used </span>
          {clock(meter?.usedSeconds ?? 0)}
        </span>
        {state.soundBlocked && (
          <button type="button" onClick={call.allowSound} data-testid="allow-sound">
            Turn sound on
          </button>
        )}
        <button
          type="button"
          className="mute"
          aria-pressed={state.muted}
          disabled={state.phase !== 'joined'}
          onClick={() => call.setMuted(!state.muted)}
          data-testid="mute"
        >
          {state.muted ? 'Unmute' : 'Mute'}
        </button>
        <button type="button" className="danger" ref={hangUp} onClick={call.hangUp} data-testid="hang-up">
          Hang up
        </button>
      </div>
    </section>
  );
}

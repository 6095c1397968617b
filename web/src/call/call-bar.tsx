import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Purchases } from '../payments/use-purchases.ts';
import { clock, runningDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import { isAtDesk } from './call-state.ts';
import { callWords } from './call-words.ts';
import type { MeterNow } from './meter-now.ts';
import type { Call } from './use-call.ts';
import { MUTE_KEY, useMuteKey } from './use-mute-key.ts';
import './call.css';

interface CallBarProps {
  call: Call;
  meter: MeterNow | null;
  purchases: Purchases;
}

/** Stays at the foot of the window during a call: hanging up, and paying at the desk, must never need scrolling. */
export function CallBar({ call, meter, purchases }: CallBarProps) {
  const bar = useRef<HTMLElement>(null);
  const hangUp = useRef<HTMLButtonElement>(null);
  const talk = useWords('talk');
  const { state } = call;
  useMuteKey(call);
  const spoken = useLasting(callWords(state, talk));

  // The Talk button that had the focus is gone now.
  useEffect(() => hangUp.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const element = bar.current;
    if (!element) return;
    // What stands above the bar, and the end of the page, go by how high it is.
    const height = new ResizeObserver(() =>
      document.body.style.setProperty('--call-foot', `${element.offsetHeight}px`),
    );
    height.observe(element);
    return () => {
      height.disconnect();
      document.body.style.removeProperty('--call-foot');
    };
  }, []);

  return (
    <section className="call-bar" aria-label={talk.call} ref={bar}>
      <div className="call-bar-inner">
        {isAtDesk(state) && <AtDesk untilMs={state.desk?.untilMs ?? null} purchases={purchases} />}
        <p
          className="call-state"
          data-testid="call-state"
          data-phase={state.phase}
          data-agent={state.agent}
          data-meter={state.meter?.state ?? ''}
        >
          {callWords(state, talk)}
        </p>
        <span className="hidden" role="status">
          {spoken}
        </span>
        <span className="number used" data-testid="used-time" data-seconds={meter?.usedSeconds ?? ''}>
          <span className="hidden">{talk.used} </span>
          {clock(meter?.usedSeconds ?? 0)}
        </span>
        {state.soundBlocked && (
          <button type="button" onClick={call.allowSound} data-testid="allow-sound">
            {talk.soundOn}
          </button>
        )}
        <button
          type="button"
          className="mute"
          aria-pressed={state.muted}
          aria-keyshortcuts={MUTE_KEY}
          disabled={state.phase !== 'joined'}
          onClick={() => call.setMuted(!state.muted)}
          data-testid="mute"
        >
          {state.muted ? talk.unmute : talk.mute}
        </button>
        <button type="button" className="danger" ref={hangUp} onClick={call.hangUp} data-testid="hang-up">
          {talk.hangUp}
        </button>
      </div>
    </section>
  );
}

const LASTING_MS = 1_500;

/** The words once they have stood for a while: turns that go to and fro are heard, and need no reader to tell of them. */
function useLasting(words: string): string {
  const [lasting, setLasting] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setLasting(words), LASTING_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return lasting;
}

interface AtDeskProps {
  /** When the assistant leaves, on the page's own monotonic clock; null when it did not say. */
  untilMs: number | null;
  purchases: Purchases;
}

/** Time is used up, and the call waits for more: how long yet, and the way to pay, in whatever room. */
function AtDesk({ untilMs, purchases }: AtDeskProps) {
  const talk = useWords('talk');
  const [address, navigate] = useLocation();
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const isInShop = address === '/buy' || (address === '/talk' && purchases.isShopOpen);
  function openShop() {
    purchases.showShop(true);
    if (address !== '/talk') navigate('/talk');
  }
  return (
    <div className="call-desk" data-testid="desk">
      <span className="hidden" role="alert">
        {talk.desk}
      </span>
      <span aria-hidden="true">
        {untilMs === null ? talk.desk : talk.deskShort(runningDuration(Math.ceil((untilMs - nowMs) / 1000)))}
      </span>
      {!isInShop && (
        <button type="button" className="primary" onClick={openShop} data-testid="desk-buy">
          {talk.buyTime}
        </button>
      )}
    </div>
  );
}

import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { BalanceResponse } from '../../../shared/api/accounts.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import type { Sidecar } from '../api/sidecar.ts';
import { runningDuration, shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';
import { AfterCall } from './after-call.tsx';
import { type CallState, isLive } from './call-state.ts';
import { callWords, minutesLeft, moodOf } from './call-words.ts';
import { CaptionsList } from './captions-list.tsx';
import type { MeterNow } from './meter-now.ts';
import { MicrophoneChoice } from './microphone-choice.tsx';
import { TypeForm } from './type-form.tsx';
import type { Call } from './use-call.ts';
import type { Settled } from './use-settled.ts';
import { VoiceOrb } from './voice-orb.tsx';

interface CallPanelProps {
  call: Call;
  meter: MeterNow | null;
  settled: Settled;
  /** null until the first answer */
  balance: BalanceResponse | null;
  /** Whether this installation has a LiveKit server. */
  callsPossible: boolean;
  sidecar: Sidecar;
  /** Goes on here with the call that another tab has. */
  takeOver: (() => void) | null;
  /** Opens the shop over the call. */
  onBuy: () => void;
}

/** The voice, what is left, what is said. The bar to hang up with is of all rooms. */
export function CallPanel({
  call,
  meter,
  settled,
  balance,
  callsPossible,
  sidecar,
  takeOver,
  onBuy,
}: CallPanelProps) {
  const { state } = call;
  const inCall = isLive(state);
  const left = meter?.remainingSeconds ?? settled.heldSeconds ?? balance?.balance_seconds ?? null;
  const debtSeconds = balance?.debt_seconds ?? 0;
  return (
    <section className="panel talk-panel" aria-label="Talk" data-live={inCall}>
      <div className="talk-stage">
        <VoiceOrb mood={moodOf(state)} voices={call.voices} />
        {inCall && <Mood call={state} />}
        <div className="talk-head">
          <Balance seconds={left} inCall={meter !== null} />
          {callsPossible && !inCall && takeOver === null && (
            <button type="button" className="primary talk" onClick={call.talk} data-testid="talk">
              Talk
            </button>
          )}
        </div>
      </div>
      {takeOver !== null && <Elsewhere onTakeOver={takeOver} />}
      {!callsPossible && (
        <p className="faint">
          Calls are not possible on this installation, as it has no LiveKit server. In a terminal,{' '}
          <code>./launch.sh talk</code> works.
        </p>
      )}
      {callsPossible && !inCall && left === 0 && (
        <p className="faint">
          You have no time left. <Link href="/buy">Buy a package</Link>, or{' '}
          <Link href="/gift">enter a gift code</Link>.
        </p>
      )}
      {debtSeconds > 0 && (
        <p className="faint" data-testid="debt">
          You owe {shortDuration(debtSeconds)}: that time was used, and its money went back. What you buy next
          pays it first.
        </p>
      )}
      {inCall && state.warningSeconds !== null && (
        <WarningBanner
          warnedSeconds={state.warningSeconds}
          remainingSeconds={left ?? state.warningSeconds}
          onBuy={onBuy}
        />
      )}
      {inCall && state.resumedSeconds !== null && (
        <ResumedNotice key={state.resumedSeconds} seconds={state.resumedSeconds} />
      )}
      {!inCall && state.ended && <AfterCall call={state} settled={settled} sidecar={sidecar} />}
      {state.error != null && <ErrorMessage error={state.error} />}
      {(inCall || state.captions.length > 0) && (
        <div className="talk-said">
          <CaptionsList captions={state.captions} />
          {inCall && <TypeForm call={call} />}
          {inCall && state.phase === 'joined' && <MicrophoneChoice call={call} />}
        </div>
      )}
    </section>
  );
}

/** Another tab has the call. */
function Elsewhere({ onTakeOver }: { onTakeOver: () => void }) {
  const talk = useWords('talk');
  return (
    <div className="notice call-warning" role="status" data-testid="elsewhere">
      <p>{talk.elsewhere}</p>
      <button type="button" className="primary" onClick={onTakeOver} data-testid="take-over">
        {talk.takeOver}
      </button>
    </div>
  );
}

/** What the assistant does, in a word; screen readers are told by the bar. */
function Mood({ call }: { call: CallState }) {
  const talk = useWords('talk');
  return (
    <p className="call-mood" aria-hidden="true" data-testid="call-mood">
      {call.muted && call.agent === 'listening' ? talk.muted : callWords(call)}
    </p>
  );
}

interface BalanceProps {
  /** null until the first answer */
  seconds: number | null;
  inCall: boolean;
}

/** What is left. During a call the number changes every second, so it is spoken only by the minute. */
function Balance({ seconds, inCall }: BalanceProps) {
  const talk = useWords('talk');
  const words = seconds === null ? '–' : runningDuration(seconds);
  const spoken = seconds === null ? '' : inCall ? minutesLeft(seconds, talk) : `Balance ${words}`;
  return (
    <div className="balance">
      <span className="label">{inCall ? 'Time left' : 'Your time'}</span>
      <output role="timer" className="figure" data-testid="balance" data-seconds={seconds ?? ''}>
        {words}
      </output>
      <span className="hidden" aria-live="polite">
        {spoken}
      </span>
    </div>
  );
}

const SHOWN_MS = 10_000;

/** Says once that bought time has come; the clock shows the rest. */
function ResumedNotice({ seconds }: { seconds: number }) {
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setShown(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div className="ended" role="status" data-testid="resumed">
      <span className="good">Time was added: {shortDuration(seconds)} left.</span> The call goes on.
    </div>
  );
}

interface WarningBannerProps {
  /** what was left when the agent warned; said once by screen readers */
  warnedSeconds: number;
  remainingSeconds: number;
  onBuy: () => void;
}

function WarningBanner({ warnedSeconds, remainingSeconds, onBuy }: WarningBannerProps) {
  const talk = useWords('talk');
  return (
    <div className="warning call-warning" data-testid="warning">
      <p>
        <span className="hidden" role="alert">
          Only {runningDuration(warnedSeconds)} left.
        </span>
        <span aria-hidden="true">
          Only <b className="number">{runningDuration(Math.min(warnedSeconds, remainingSeconds))}</b> left.
        </span>{' '}
        Ask the assistant for more time, or buy some here: the call goes on.
      </p>
      <button type="button" onClick={onBuy} data-testid="warning-buy">
        {talk.buyTime}
      </button>
    </div>
  );
}

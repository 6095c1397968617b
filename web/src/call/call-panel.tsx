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
import type { Elsewhere } from './use-rejoin.ts';
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
  /** The call that another tab or device has. */
  elsewhere: Elsewhere | null;
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
  elsewhere,
  onBuy,
}: CallPanelProps) {
  const talk = useWords('talk');
  const { state } = call;
  const inCall = isLive(state);
  const left = meter?.remainingSeconds ?? settled.heldSeconds ?? balance?.balance_seconds ?? null;
  const debtSeconds = balance?.debt_seconds ?? 0;
  return (
    <section className="panel talk-panel" aria-label={talk.talk} data-live={inCall}>
      <div className="talk-stage">
        <VoiceOrb mood={moodOf(state)} voices={call.voices} />
        {inCall && <Mood call={state} />}
        <div className="talk-head">
          <Balance seconds={left} inCall={meter !== null} />
          {callsPossible && !inCall && elsewhere?.where !== 'tab' && (
            <button type="button" className="primary talk" onClick={call.talk} data-testid="talk">
              {talk.talk}
            </button>
          )}
        </div>
      </div>
      {elsewhere !== null && <RunsElsewhere {...elsewhere} />}
      {!callsPossible && (
        <p className="faint">
          {talk.notPossible} {talk.inTerminal} <code>./launch.sh talk</code>
        </p>
      )}
      {callsPossible && !inCall && left === 0 && (
        <p className="faint">
          {talk.noTime} <Link href="/buy">{talk.buyPackage}</Link> ·{' '}
          <Link href="/gift">{talk.enterCode}</Link>
        </p>
      )}
      {debtSeconds > 0 && (
        <p className="faint" data-testid="debt">
          {talk.debt(shortDuration(debtSeconds))}
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

/** Another tab, or another device, has the call. */
function RunsElsewhere({ where, takeOver }: Elsewhere) {
  const talk = useWords('talk');
  return (
    <div className="notice call-warning" role="status" data-testid="elsewhere" data-where={where}>
      <p>{where === 'tab' ? talk.elsewhere : talk.otherDevice}</p>
      <button type="button" className="primary" onClick={takeOver} data-testid="take-over">
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
      {call.muted && call.agent === 'listening' ? talk.muted : callWords(call, talk)}
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
  const spoken = seconds === null ? '' : inCall ? minutesLeft(seconds, talk) : talk.balance(words);
  return (
    <div className="balance">
      <span className="label">{inCall ? talk.timeLeft : talk.yourTime}</span>
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
  const talk = useWords('talk');
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setShown(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div className="ended" role="status" data-testid="resumed">
      <span className="good">{talk.timeAdded(shortDuration(seconds))}</span> {talk.goesOn}
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
          {talk.onlyLeft(runningDuration(warnedSeconds))}
        </span>
        <span aria-hidden="true" className="number">
          {talk.onlyLeft(runningDuration(Math.min(warnedSeconds, remainingSeconds)))}
        </span>{' '}
        {talk.askOrBuy}
      </p>
      <button type="button" onClick={onBuy} data-testid="warning-buy">
        {talk.buyTime}
      </button>
    </div>
  );
}

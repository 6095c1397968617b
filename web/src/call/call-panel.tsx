import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { BalanceResponse } from '../../../shared/api/accounts.ts';
import { shortDuration } from '../../../shared/units.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { minutesLeft, runningDuration } from '../units.ts';
import { type CallState, isAtDesk } from './call-state.ts';
import { endingWords } from './call-words.ts';
import { CaptionsList } from './captions-list.tsx';
import { type MeterNow, meterAt } from './meter-now.ts';
import type { Call } from './use-call.ts';
import type { Settled } from './use-settled.ts';

interface CallPanelProps {
  call: Call;
  meter: MeterNow | null;
  settled: Settled;
  /** null until the first answer */
  balance: BalanceResponse | null;
  /** Whether this installation has a LiveKit server. */
  callsPossible: boolean;
}

/** Balance, Talk, captions. The bar to hang up with is of all rooms. */
export function CallPanel({ call, meter, settled, balance, callsPossible }: CallPanelProps) {
  const { state } = call;
  const inCall = state.phase !== 'idle' && state.phase !== 'ended';
  const left = meter?.remainingSeconds ?? settled.heldSeconds ?? balance?.balance_seconds ?? null;
  const debtSeconds = balance?.debt_seconds ?? 0;
  return (
    <section className="panel talk-panel" aria-label="Talk">
      <div className="talk-head">
        <Balance seconds={left} inCall={meter !== null} />
        {callsPossible && (
          <button
            type="button"
            className="primary talk"
            onClick={call.talk}
            disabled={inCall}
            data-testid="talk"
          >
            {inCall ? 'In a call' : 'Talk'}
          </button>
        )}
      </div>
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
        <WarningBanner warnedSeconds={state.warningSeconds} remainingSeconds={left ?? state.warningSeconds} />
      )}
      {isAtDesk(state) && <DeskBanner untilMs={state.desk?.untilMs ?? null} />}
      {inCall && state.resumedSeconds !== null && (
        <ResumedNotice key={state.resumedSeconds} seconds={state.resumedSeconds} />
      )}
      {!inCall && <CallEnded call={state} settled={settled} />}
      {state.error != null && <ErrorMessage error={state.error} />}
      {(inCall || state.captions.length > 0) && <CaptionsList captions={state.captions} />}
    </section>
  );
}

interface BalanceProps {
  /** null until the first answer */
  seconds: number | null;
  inCall: boolean;
}

/** What is left. During a call the number changes every second, so it is spoken only by the minute. */
function Balance({ seconds, inCall }: BalanceProps) {
  const words = seconds === null ? '–' : runningDuration(seconds);
  const spoken = seconds === null ? '' : inCall ? minutesLeft(seconds) : `Balance ${words}`;
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

/** Why the call ended and what it cost: what was charged as soon as that is known, and until then what was counted. */
function CallEnded({ call, settled }: { call: CallState; settled: Settled }) {
  if (!call.ended) return null;
  const { reason } = call.ended;
  return (
    <div className="ended" role="status" data-testid="call-ended" data-reason={reason}>
      <strong>{endingWords(reason)}</strong> {chargeWords(settled, call)}
    </div>
  );
}

function chargeWords({ chargedSeconds, looking }: Settled, { meter, ended }: CallState): string {
  if (chargedSeconds === 0) return 'Nothing was charged.';
  if (chargedSeconds !== null) return `Charged: ${shortDuration(chargedSeconds)}.`;
  if (!meter || !ended) return 'The meter had not started.';
  const counted = `Counted: ${shortDuration(meterAt(meter, ended.atMs).usedSeconds)}.`;
  return looking
    ? `${counted} The exact charge comes in a moment.`
    : `${counted} The exact charge will stand in your list of calls.`;
}

interface DeskBannerProps {
  /** When the assistant leaves, on the page's own monotonic clock; null when it did not say. */
  untilMs: number | null;
}

/** Time is used up, and the call waits for more. */
function DeskBanner({ untilMs }: DeskBannerProps) {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="warning" data-testid="desk">
      <span role="alert">Your time is used up. Buy more to go on; this part is free.</span>
      {untilMs !== null && (
        <span aria-hidden="true">
          {' '}
          The assistant stays for{' '}
          <b className="number">{runningDuration(Math.ceil((untilMs - nowMs) / 1000))}</b>.
        </span>
      )}
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
}

function WarningBanner({ warnedSeconds, remainingSeconds }: WarningBannerProps) {
  return (
    <div className="warning" data-testid="warning">
      <span className="hidden" role="alert">
        Only {runningDuration(warnedSeconds)} left.
      </span>
      <span aria-hidden="true">
        Only <b className="number">{runningDuration(Math.min(warnedSeconds, remainingSeconds))}</b> left.
      </span>{' '}
      Ask the assistant for more time, or buy a package below: the call goes on.
    </div>
  );
}

import { ErrorMessage } from '../api/error-message.tsx';
import { Balance } from '../time-cards/balance.tsx';
import { CallBar } from './call-bar.tsx';
import { CallEnded } from './call-ended.tsx';
import { isAtDesk } from './call-state.ts';
import { CaptionsList } from './captions-list.tsx';
import { DeskBanner } from './desk-banner.tsx';
import type { MeterNow } from './meter-now.ts';
import { ResumedNotice } from './resumed-notice.tsx';
import type { Call } from './use-call.ts';
import { WarningBanner } from './warning-banner.tsx';

interface CallPanelProps {
  call: Call;
  meter: MeterNow | null;
  /** null until the first answer */
  balanceSeconds: number | null;
  /** Whether this installation has a LiveKit server. */
  callsPossible: boolean;
}

/** Balance, Talk, captions. */
export function CallPanel({ call, meter, balanceSeconds, callsPossible }: CallPanelProps) {
  const { state } = call;
  const inCall = state.phase !== 'idle' && state.phase !== 'ended';
  const left = meter?.remainingSeconds ?? balanceSeconds;
  return (
    <section className="panel talk-panel" aria-labelledby="talk">
      <h1 id="talk" className="hidden">
        Talk
      </h1>
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
      {callsPossible && !inCall && balanceSeconds === 0 && (
        <p className="faint">You have no time yet. Buy a package below, or enter a gift code.</p>
      )}
      {inCall && state.warningSeconds !== null && (
        <WarningBanner warnedSeconds={state.warningSeconds} remainingSeconds={left ?? state.warningSeconds} />
      )}
      {isAtDesk(state) && <DeskBanner untilMs={state.desk?.untilMs ?? null} />}
      {inCall && state.resumedSeconds !== null && (
        <ResumedNotice key={state.resumedSeconds} seconds={state.resumedSeconds} />
      )}
      {!inCall && <CallEnded call={state} />}
      {state.error != null && <ErrorMessage error={state.error} />}
      {(inCall || state.captions.length > 0) && <CaptionsList captions={state.captions} />}
      {inCall && <CallBar call={call} meter={meter} />}
    </section>
  );
}

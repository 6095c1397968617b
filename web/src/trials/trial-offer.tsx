import { useEffect, useState } from 'react';
import type { TrialResponse } from '../../../shared/api/trials.ts';
import { ErrorMessage } from '../api/error-message.tsx';
import { usePerson } from '../person/person.tsx';
import { shortDuration } from '../units.ts';
import { useWords } from '../words/use-words.ts';

/** Free minutes, for who can have them: taken with one press. Nothing for everybody else. */
export function TrialOffer() {
  const { trial: words } = useWords('buy');
  const { sidecar, pricing, onTimeAdded } = usePerson();
  const [trial, setTrial] = useState<TrialResponse | null>(null);
  const [state, setState] = useState<'offered' | 'busy' | 'taken'>('offered');
  const [error, setError] = useState<unknown>(null);
  const isOffered = pricing.data?.trial != null;
  useEffect(() => {
    if (!isOffered) return;
    const stop = new AbortController();
    // An offer that cannot be read is none: nothing else depends on it.
    sidecar.trial(stop.signal).then(setTrial, () => undefined);
    return () => stop.abort();
  }, [sidecar, isOffered]);

  async function claim() {
    setState('busy');
    setError(null);
    try {
      await sidecar.claimTrial();
      setState('taken');
      onTimeAdded();
    } catch (failure) {
      setError(failure);
      setState('offered');
    }
  }
  const offer = trial?.offer;
  const status = trial?.status;
  if (!offer || (status !== 'open' && status !== 'not_confirmed' && status !== 'day_is_over')) return null;
  const time = shortDuration(offer.seconds);
  return (
    <section className="panel" aria-labelledby="trial" data-testid="trial" data-status={status}>
      <h2 id="trial">{words.title}</h2>
      <p>{words.offer(time, offer.valid_days)}</p>
      {status === 'open' && state !== 'taken' && (
        <div className="row">
          <button
            type="button"
            className="primary"
            onClick={claim}
            disabled={state === 'busy'}
            data-testid="claim-trial"
          >
            {words.claim(time)}
          </button>
        </div>
      )}
      <div className="status" role="status">
        {status === 'not_confirmed' && words.notConfirmed}
        {status === 'day_is_over' && words.tomorrow}
        {state === 'taken' && <p className="good">{words.claimed(time)}</p>}
      </div>
      {error != null && <ErrorMessage error={error} />}
    </section>
  );
}

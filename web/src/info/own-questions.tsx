import { useCallback, useState } from 'react';
import type { OwnRequest } from '../../../shared/api/support.ts';
import { usePolled } from '../api/use-polled.ts';
import { QuestionForm } from '../help/question-form.tsx';
import { usePerson } from '../person/person.tsx';
import { Skeleton } from '../shell/skeleton.tsx';
import { dayWords, momentWords } from '../units.ts';
import { useWords } from '../words/use-words.ts';

const LOOK_MS = 60_000;

/** Asks for help with a call or with anything else, and shows what was asked and answered. */
export function OwnQuestions() {
  const words = useWords('support');
  const { sidecar, calls } = usePerson();
  const [callId, setCallId] = useState('');
  const own = usePolled(sidecar.ownRequests, LOOK_MS);
  const { refresh } = own;
  const ask = useCallback(
    async (message: string, key: string) => {
      await sidecar.ask(callId === '' ? null : callId, message, key);
      refresh();
    },
    [sidecar, callId, refresh],
  );
  return (
    <div className="stack" data-testid="own-questions">
      <QuestionForm ask={ask}>
        <label>
          {words.about}
          <select value={callId} onChange={(event) => setCallId(event.target.value)} data-testid="help-about">
            <option value="">{words.aboutAnything}</option>
            {calls.data?.calls.map(({ call_id, opened_at }) => (
              <option key={call_id} value={call_id}>
                {words.aboutCall(momentWords(opened_at))}
              </option>
            ))}
          </select>
        </label>
      </QuestionForm>
      {own.data === null && own.error === null && <Skeleton lines={1} />}
      {own.data !== null && own.data.length > 0 && (
        <section aria-labelledby="asked">
          <h3 id="asked">{words.asked}</h3>
          <ul className="plain">
            {own.data.map((request) => (
              <Question key={request.id} request={request} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Question({ request }: { request: OwnRequest }) {
  const words = useWords('support');
  return (
    <li className="card" data-testid="own-question" data-status={request.status}>
      <div className="card-head">
        <strong>{dayWords(request.created_at)}</strong>
        <span>{words.status[request.status]}</span>
      </div>
      <p className="said">{request.message}</p>
      {request.answer !== null && (
        <p className="said">
          <strong>{words.answer}</strong> {request.answer}
        </p>
      )}
    </li>
  );
}

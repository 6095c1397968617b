import { type ReactNode, type SubmitEvent, useState } from 'react';
import type { CardDetails } from './confirm-card.ts';

interface CardFormProps {
  payLabel: string;
  busy: boolean;
  onPay: (card: CardDetails) => void;
  /** What else is asked before paying. */
  children?: ReactNode;
}

const TEST_CARD: CardDetails = { number: '4242 4242 4242 4242', expMonth: '12', expYear: '2034', cvc: '123' };

/** Card fields for the local stand-in, filled with the test card. */
export function CardForm({ payLabel, busy, onPay, children }: CardFormProps) {
  const [card, setCard] = useState(TEST_CARD);

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    onPay(card);
  }
  function field(name: keyof CardDetails) {
    return {
      value: card[name],
      onChange: (event: { target: { value: string } }) => setCard({ ...card, [name]: event.target.value }),
      inputMode: 'numeric',
      autoComplete: 'off',
      required: true,
    } as const;
  }

  return (
    <form className="stack" onSubmit={submit}>
      <label>
        Card number
        <input {...field('number')} data-testid="card-number" />
      </label>
      <div className="thirds">
        <label>
          Month
          <input {...field('expMonth')} maxLength={2} data-testid="card-month" />
        </label>
        <label>
          Year
          <input {...field('expYear')} maxLength={4} data-testid="card-year" />
        </label>
        <label>
          CVC
          <input {...field('cvc')} maxLength={4} data-testid="card-cvc" />
        </label>
      </div>
      {children}
      <p className="faint">
        Test payments: no real money moves. To see a decline, use <code>4000 0000 0000 0002</code>.
      </p>
      <button type="submit" className="primary" disabled={busy} data-testid="pay">
        {payLabel}
      </button>
    </form>
  );
}

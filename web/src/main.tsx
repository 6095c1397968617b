import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readPaymentReturn } from './payments/payment-return.ts';
import { takeAuthReturn } from './session/auth-return.ts';
import { Start } from './start.tsx';
import { takeActivationLink } from './time-cards/activation-link.ts';
import './design/tokens.css';
import './design/base.css';
import './design/layout.css';
import './design/panels.css';

const place = document.getElementById('root');
if (!place) throw new Error('index.html has no #root');
// Brought back by the Back button as it was left, it would wait for ever for a payment that went on elsewhere.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});

takeActivationLink(window.location, window.history);
const returnWords =
  readPaymentReturn(window.location, window.history, sessionStorage) ??
  takeAuthReturn(window.location, window.history);

createRoot(place).render(
  <StrictMode>
    <Start returnWords={returnWords} />
  </StrictMode>,
);

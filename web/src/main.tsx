import './api/validation.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeAuthReturn } from './account/auth-return.ts';
import { readPaymentReturn } from './payments/payment-return.ts';
import { Start } from './start.tsx';
import { takeActivationLink } from './time-cards/activation-link.ts';
import './base.css';
import './panels.css';
import './calls/calls.css';
import './memories/memories.css';

const place = document.getElementById('root');
if (!place) throw new Error('index.html has no #root');
// Brought back by the Back button as it was left, it would wait for ever for a payment that went on elsewhere.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});

const linkCode = takeActivationLink(window.location, window.history);
const returnWords =
  readPaymentReturn(window.location, window.history, sessionStorage) ??
  takeAuthReturn(window.location, window.history);

createRoot(place).render(
  <StrictMode>
    <Start returnWords={returnWords} linkCode={linkCode} />
  </StrictMode>,
);

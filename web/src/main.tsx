import './api/validation.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ErrorMessage } from './api/error-message.tsx';
import { loadConfig } from './api/sidecar.ts';
import { App } from './app.tsx';
import { readPaymentReturn } from './payments/payment-return.ts';
import { takeActivationLink } from './time-cards/activation-link.ts';
import './base.css';
import './panels.css';
import './calls/calls.css';
import './memories/memories.css';

const place = document.getElementById('root');
if (!place) throw new Error('index.html has no #root');
const root = createRoot(place);
const linkCode = takeActivationLink(window.location, window.history);
const paymentReturn = readPaymentReturn(window.location, window.history, sessionStorage);

loadConfig().then(
  (config) =>
    root.render(
      <StrictMode>
        <App config={config} paymentReturn={paymentReturn} linkCode={linkCode} />
      </StrictMode>,
    ),
  (error: unknown) => root.render(<ErrorMessage error={error} />),
);

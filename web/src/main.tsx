import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { readPaymentReturn } from './payments/payment-return.ts';
import { takeAuthReturn } from './session/auth-return.ts';
import { Start } from './start.tsx';
import { takeActivationLink } from './time-cards/activation-link.ts';
import { firstLanguage, showLanguage } from './words/language.ts';
import { loadWords } from './words/load-words.ts';
import './design/tokens.css';
import './design/base.css';
import './design/layout.css';
import './design/panels.css';

const AGAIN_MS = 2_000;

const place = document.getElementById('root');
if (!place) throw new Error('index.html has no #root');
// Brought back by the Back button as it was left, it would wait for ever for a payment that went on elsewhere.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) window.location.reload();
});

takeActivationLink(window.location, window.history);
const returnWords = readPaymentReturn(window.location, window.history, sessionStorage);
const linkTrouble = takeAuthReturn(window.location, window.history);

const root = createRoot(place);
const language = firstLanguage();

/** Goes on trying: without its words the page has nothing to say that it is away with. */
async function begin(): Promise<void> {
  try {
    await loadWords(language, 'shell');
    await showLanguage(language);
  } catch (error) {
    console.warn('the words of the page could not be loaded', error);
    setTimeout(begin, AGAIN_MS);
    return;
  }
  // At hand before anything can go wrong.
  void loadWords(language, 'errors').catch(() => undefined);
  root.render(
    <StrictMode>
      <Start returnWords={returnWords} linkTrouble={linkTrouble} />
    </StrictMode>,
  );
}
void begin();

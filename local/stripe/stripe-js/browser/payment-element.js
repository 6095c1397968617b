// @ts-check
// Inside the frame: asks for a card, and confirms payment intents as the holder of a publishable key may.

const TIMEOUT_MS = 20_000;
const form = /** @type {HTMLFormElement} */ (document.forms[0]);

/** Stripe's names for the fields of a card. */
function cardDetails() {
  const fields = new FormData(form);
  const text = (/** @type {string} */ name) => String(fields.get(name)).trim();
  const [month = '', year = ''] = text('expiry').split('/');
  return {
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': text('number').replaceAll(/\s/g, ''),
    'payment_method_data[card][exp_month]': month.trim(),
    'payment_method_data[card][exp_year]': year.trim(),
    'payment_method_data[card][cvc]': text('cvc'),
  };
}

/**
 * Confirms with a kept card, or else with the one in the form (https://docs.stripe.com/api/payment_intents/confirm).
 * @param {{ publishableKey: string, clientSecret: string, return_url: string, use_stripe_sdk: string, payment_method?: string }} question
 */
async function confirm({ publishableKey, clientSecret, return_url, use_stripe_sdk, payment_method }) {
  const [id = ''] = clientSecret.split('_secret_');
  const method = payment_method === undefined ? cardDetails() : { payment_method };
  const answer = await fetch(`/v1/payment_intents/${encodeURIComponent(id)}/confirm`, {
    method: 'POST',
    headers: { authorization: `Bearer ${publishableKey}` },
    body: new URLSearchParams({ client_secret: clientSecret, return_url, use_stripe_sdk, ...method }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body = await answer.json();
  return body.error === undefined ? { paymentIntent: body } : { error: body.error };
}

/** @param {Parameters<typeof confirm>[0]} question */
async function answerTo(question) {
  try {
    return await confirm(question);
  } catch (error) {
    console.warn('no readable answer', error);
    return { error: { type: 'api_connection_error', message: 'There was no answer.' } };
  }
}

function followScheme() {
  document.documentElement.style.colorScheme = location.hash === '#dark' ? 'dark' : 'light';
}
followScheme();
addEventListener('hashchange', followScheme);
// The page around it decides when to pay.
form.addEventListener('submit', (event) => event.preventDefault());

addEventListener('message', ({ data, ports: [port] }) => {
  if (data !== 'connect' || port === undefined) return;
  port.onmessage = async ({ data: { id, question } }) =>
    port.postMessage({ id, answer: await answerTo(question) });
  const tellHeight = () => port.postMessage({ height: document.documentElement.offsetHeight });
  new ResizeObserver(tellHeight).observe(document.documentElement);
  tellHeight();
});

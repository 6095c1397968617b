// @ts-check
// Stands in for Stripe.js (https://docs.stripe.com/js): of it, the Payment Element and confirming a payment. As there,
// all that knows a card is in a frame of this server's own, and the page around it sees only what came of it.

// A script, not a module: it has to know its own address. The block keeps its names to itself.

// biome-ignore lint/suspicious/noRedundantUseStrict: not a module
'use strict';
{
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const frameAddress = new URL('payment-element.html', script.src).href;

  /** @typedef {{ element: HTMLIFrameElement, ready: Promise<void>, setDark: (dark: boolean) => void, ask: (question: object) => Promise<any> }} Frame */

  /**
   * The frame begins to work when it is put into the page.
   * @param {{ dark: boolean, onHeight: (pixels: number) => void }} look
   * @returns {Frame}
   */
  function createFrame({ dark, onHeight }) {
    const element = document.createElement('iframe');
    element.title = 'Secure payment input frame';
    Object.assign(element.style, { width: '100%', border: '0' });
    setDark(dark);
    function setDark(/** @type {boolean} */ isDark) {
      const scheme = isDark ? 'dark' : 'light';
      // Another fragment loads nothing anew; another scheme than that of its page would make the frame opaque.
      element.src = `${frameAddress}#${scheme}`;
      element.style.colorScheme = scheme;
    }
    const { port1: port, port2: ofFrame } = new MessageChannel();
    /** @type {Map<number, (answer: any) => void>} */
    const open = new Map();
    let asked = 0;
    /** @type {Promise<void>} */
    const ready = new Promise((resolve) => {
      port.onmessage = ({ data }) => {
        if ('height' in data) {
          onHeight(data.height);
          resolve();
        } else open.get(data.id)?.(data.answer);
      };
    });
    // Once: a change of the fragment is said to be a load, too.
    element.addEventListener(
      'load',
      () => element.contentWindow?.postMessage('connect', new URL(frameAddress).origin, [ofFrame]),
      { once: true },
    );
    async function ask(/** @type {object} */ question) {
      await ready;
      asked += 1;
      const id = asked;
      return new Promise((resolve) => {
        open.set(id, resolve);
        port.postMessage({ id, question });
      });
    }
    return { element, ready, setDark, ask };
  }

  /** @param {string | undefined} theme */
  function paymentElement(theme) {
    const element = createFrame({
      dark: theme === 'night',
      onHeight(pixels) {
        element.element.style.height = `${pixels}px`;
      },
    });
    /** @type {Map<string, Set<(event: object) => void>>} */
    const listeners = new Map();
    const listenersTo = (/** @type {string} */ event) => {
      const those = listeners.get(event) ?? new Set();
      listeners.set(event, those);
      return those;
    };
    void element.ready.then(() => {
      for (const listener of listenersTo('ready')) listener({ elementType: 'payment' });
    });
    return {
      ask: element.ask,
      setTheme: (/** @type {string | undefined} */ name) => element.setDark(name === 'night'),
      mount: (/** @type {HTMLElement} */ place) => place.append(element.element),
      destroy: () => element.element.remove(),
      update() {},
      on: (/** @type {string} */ event, /** @type {(event: object) => void} */ listener) =>
        listenersTo(event).add(listener),
      off: (/** @type {string} */ event, /** @type {(event: object) => void} */ listener) =>
        listenersTo(event).delete(listener),
    };
  }

  /** Confirms without a form, in a frame that nobody sees. @param {object} question */
  async function askUnseen(question) {
    const frame = createFrame({ dark: false, onHeight() {} });
    frame.element.hidden = true;
    document.body.append(frame.element);
    try {
      return await frame.ask(question);
    } finally {
      frame.element.remove();
    }
  }

  /**
   * The bank's question, over the page; answered when it is decided, with what became of the payment.
   * @param {string} address
   * @param {() => Promise<any>} look
   */
  function askBank(address, look) {
    const dialog = document.createElement('dialog');
    const frame = document.createElement('iframe');
    frame.title = '3D Secure';
    Object.assign(dialog.style, { width: 'min(30rem, 100vw - 2rem)', padding: '0', border: '0' });
    Object.assign(frame.style, { display: 'block', width: '100%', height: 'min(26rem, 80dvh)', border: '0' });
    // It is for the bank to say that nothing comes of it.
    dialog.addEventListener('cancel', (event) => event.preventDefault());
    frame.src = address;
    dialog.append(frame);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      frame.addEventListener('load', async () => {
        const intent = await look();
        if (intent.status === 'requires_action') return;
        dialog.remove();
        const error = intent.status === 'requires_payment_method' ? intent.last_payment_error : null;
        resolve(error === null ? { paymentIntent: intent } : { error: { ...error, payment_intent: intent } });
      });
    });
  }

  /** What the page need not know is not there. @param {string} name */
  const missing = (name) => () => {
    throw new Error(`The Stripe stand-in has no ${name}.`);
  };

  /** @param {string} publishableKey */
  function createStripe(publishableKey) {
    /** @param {{ elements?: any, clientSecret?: string, confirmParams: { return_url: string, payment_method?: string }, redirect?: 'always' | 'if_required' }} options */
    async function confirmPayment({
      elements,
      clientSecret = elements?.clientSecret,
      confirmParams,
      redirect,
    }) {
      // In place where the page would rather not be left, as there.
      const use_stripe_sdk = String(redirect === 'if_required');
      const question = { publishableKey, clientSecret, use_stripe_sdk, ...confirmParams };
      const element = elements?.getElement('payment');
      const answer = await (element === undefined ? askUnseen(question) : element.ask(question));
      const challenge = answer.paymentIntent?.next_action?.use_stripe_sdk?.stripe_js;
      if (challenge !== undefined) {
        const [id = ''] = clientSecret.split('_secret_');
        const path = `../v1/payment_intents/${encodeURIComponent(id)}`;
        const intentAddress = new URL(path, script.src);
        intentAddress.search = String(
          new URLSearchParams({ client_secret: clientSecret, key: publishableKey }),
        );
        return askBank(challenge, async () => (await fetch(intentAddress)).json());
      }
      const next = answer.paymentIntent?.next_action?.redirect_to_url?.url;
      if (next === undefined) return answer;
      window.location.assign(next);
      return new Promise(() => {});
    }

    /** @param {{ clientSecret: string, appearance?: { theme?: string } }} options */
    function elements({ clientSecret, appearance }) {
      /** @type {ReturnType<typeof paymentElement> | undefined} */
      let element;
      return {
        clientSecret,
        create(/** @type {string} */ type) {
          if (type !== 'payment') throw new Error(`The Stripe stand-in has no ${type} element.`);
          element = paymentElement(appearance?.theme);
          return element;
        },
        getElement: () => element,
        // The frame reads nothing of the intent before it confirms it.
        fetchUpdates: async () => ({}),
        update(/** @type {{ appearance?: { theme?: string } }} */ changes) {
          if (changes.appearance !== undefined) element?.setTheme(changes.appearance.theme);
        },
      };
    }
    return {
      elements,
      confirmPayment,
      createToken: missing('createToken'),
      createPaymentMethod: missing('createPaymentMethod'),
      confirmCardPayment: missing('confirmCardPayment'),
    };
  }
  Object.assign(window, { Stripe: Object.assign(createStripe, { version: 'endive' }) });
}

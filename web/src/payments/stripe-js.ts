import type { StripeError } from './outcome.ts';

// The part of Stripe.js v3 that this page uses (https://docs.stripe.com/js).
interface StripePaymentElement {
  mount(node: HTMLElement): void;
  destroy(): void;
  on(event: 'ready', listener: () => void): void;
  on(event: 'loaderror', listener: (event: { error: StripeError }) => void): void;
}

export interface StripeElements {
  create(type: 'payment'): StripePaymentElement;
  /** Reads what the server changed of the intent since. */
  fetchUpdates(): Promise<{ error?: StripeError }>;
}

export interface StripeClient {
  elements(options: { clientSecret: string; appearance: { theme: 'stripe' | 'night' } }): StripeElements;
  confirmPayment(
    options: {
      confirmParams: { return_url: string; payment_method?: string };
      redirect: 'if_required';
    } & ({ elements: StripeElements } | { clientSecret: string }),
  ): Promise<{ paymentIntent?: { status: string }; error?: StripeError }>;
}

declare global {
  interface Window {
    Stripe?: (publishableKey: string) => StripeClient;
  }
}

let loading: Promise<void> | null = null;

/**
 * Stripe.js from Stripe's own address: it may not be bundled or served from elsewhere
 * (https://docs.stripe.com/js/including). Loaded only when somebody pays. Throws when it cannot be loaded.
 */
export async function loadStripe(publishableKey: string): Promise<StripeClient> {
  loading ??= addScript('https://js.stripe.com/v3/');
  try {
    await loading;
  } catch (error) {
    loading = null;
    throw error;
  }
  if (!window.Stripe) throw new Error('The payment form did not start. Reload the page.');
  return window.Stripe(publishableKey);
}

function addScript(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error('The payment form cannot be loaded. Check the connection, or a blocker of scripts.'));
    };
    document.head.append(script);
  });
}

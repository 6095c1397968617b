interface PayElsewhereProps {
  /** The address of Stripe's page, once the purchase was moved there. */
  url: string | null;
  busy: boolean;
  /** True while a call goes on, which leaving this page would end. */
  inCall: boolean;
  onMove: () => Promise<string | null>;
}

/** Paying on Stripe's own page: a quiet way out of the card form, and then the way there. */
export function PayElsewhere({ url, busy, inCall, onMove }: PayElsewhereProps) {
  async function move() {
    const address = await onMove();
    if (address !== null && !inCall) window.location.assign(address);
  }
  if (url === null) {
    return (
      <button type="button" className="link" onClick={move} disabled={busy} data-testid="pay-elsewhere">
        Pay on Stripe’s page instead
      </button>
    );
  }
  return (
    <a
      className="button"
      href={url}
      {...(inCall && { target: '_blank', rel: 'noopener' })}
      data-testid="stripes-page"
    >
      Open Stripe’s page
    </a>
  );
}

interface KeepCardProps {
  checked: boolean;
  disabled: boolean;
  onChange: (keep: boolean) => void;
}

/** Consent to keeping the card, never given in advance. */
export function KeepCard({ checked, disabled, onChange }: KeepCardProps) {
  return (
    <label className="choice consent">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        data-testid="keep-card"
      />
      <span>
        Keep this card for next time
        <small>Stripe keeps it, not we. You can remove it at any time.</small>
      </span>
    </label>
  );
}

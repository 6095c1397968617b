interface GiftWordsProps {
  message: string | null;
  recipientName: string | null;
}

/** What the giver wrote, as text. */
export function GiftWords({ message, recipientName }: GiftWordsProps) {
  if (message === null && recipientName === null) return null;
  return (
    <blockquote className="faint" data-testid="gift-words">
      {recipientName !== null && <p>For {recipientName}</p>}
      {message !== null && <p>{message}</p>}
    </blockquote>
  );
}

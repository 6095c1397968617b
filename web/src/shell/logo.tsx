/** The mark: a voice, in a bubble. */
export function Logo() {
  return (
    <span className="logo">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <path
          className="logo-bubble"
          d="M16 2.5c7.7 0 13.5 5.4 13.5 12.6S23.7 27.7 16 27.7c-1.6 0-3.1-.2-4.5-.6L5.6 29.6c-.7.3-1.4-.4-1.2-1.1l1.2-4.6C3.6 21.6 2.5 18.5 2.5 15.1 2.5 7.9 8.3 2.5 16 2.5Z"
        />
        <path className="logo-voice" d="M9.5 13.5v3.2M13.8 10.2v9.8M18.2 8v14.2M22.5 12.3v5.6" />
      </svg>
      <span>MindBot</span>
    </span>
  );
}

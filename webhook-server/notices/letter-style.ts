import { Html } from '../../shared/html.ts';

/**
 * Of e-mails: plain colours first, as many readers know neither variables nor light-dark(); a media query for the
 * dark. A reader that drops all of it still shows a document that makes sense.
 */
export const LETTER_STYLE = new Html(`<style>
:root { color-scheme: light dark; }
body { margin: 0; padding: 16px; color: #1d2328; background: #ffffff;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { display: block; max-width: 560px; margin: 0 auto; }
h1 { margin: 0 0 12px; font-size: 20px; line-height: 1.3; }
p { margin: 0 0 12px; }
table { margin: 0 0 16px; border-collapse: collapse; }
th, td { padding: 4px 16px 4px 0; vertical-align: top; text-align: left; overflow-wrap: anywhere; }
th { font-weight: 400; white-space: nowrap; }
a { color: #17614f; }
th, .faint { color: #555e66; }
.faint { font-size: 14px; }
.code { padding: 12px 16px; border: 1px solid #c9c5ba; border-radius: 8px; font-size: 24px; text-align: center; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; letter-spacing: 1px; }
@media (prefers-color-scheme: dark) {
  body { color: #e8eaec; background: #1c2126; }
  a { color: #6fd0b5; }
  th, .faint { color: #a9b2ba; }
  .code { border-color: #4a535b; }
}
</style>`);

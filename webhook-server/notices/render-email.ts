import { Html, html } from '../../shared/html.ts';
import type { MailWords } from './words/en.ts';

/** What a notice says, whatever it is shown as. Plain text throughout. */
export type Email = {
  subject: string;
  paragraphs: readonly string[];
  /** An activation code, shown large and on a line of its own. */
  code?: string;
  facts: readonly (readonly [term: string, value: string])[];
  link?: { words: string; url: string };
  /** Said last, in small print. */
  footnote?: string;
};

/**
 * Of e-mails: plain colours first, as many readers know neither variables nor light-dark(); a media query for the
 * dark. A reader that drops all of it still shows a document that makes sense.
 */
const EMAIL_STYLE = new Html(`<style>
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

/** An email as plain text: all that the markup says, in the same order. */
export function emailText(
  { signature, colon }: MailWords,
  { subject, paragraphs, code, facts, link, footnote }: Email,
): string {
  const blocks = [
    subject,
    ...paragraphs,
    ...(code === undefined ? [] : [`    ${code}`]),
    facts.map(([term, value]) => `${term}${colon} ${value}`).join('\n'),
    ...(link === undefined ? [] : [`${link.words}${colon}\n${link.url}`]),
    ...(footnote === undefined ? [] : [footnote]),
    signature,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function factTable(facts: Email['facts']): Html | null {
  const rows = facts.map(
    ([term, value]) => html`<tr><th scope="row" align="left">${term}</th><td>${value}</td></tr>`,
  );
  return facts.length === 0 ? null : html`<table>${rows}</table>`;
}

/** An email as one HTML document: no picture, no script, nothing loaded; every value is escaped. */
export function emailHtml(
  { language, signature }: MailWords,
  { subject, paragraphs, code, facts, link, footnote }: Email,
): string {
  return html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>${EMAIL_STYLE}</head><body><main>
<h1>${subject}</h1>
${paragraphs.map((text) => html`<p>${text}</p>`)}
${code === undefined ? null : html`<p class="code"><code>${code}</code></p>`}
${factTable(facts)}
${link === undefined ? null : html`<p><a href="${link.url}">${link.words}</a></p>`}
${footnote === undefined ? null : html`<p class="faint">${footnote}</p>`}
<p class="faint">${signature}</p>
</main></body></html>
`.text;
}

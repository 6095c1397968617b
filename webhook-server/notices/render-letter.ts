import { type Html, html } from '../../shared/html.ts';
import type { Letter } from './letter.ts';
import { LETTER_STYLE } from './letter-style.ts';

const SIGNATURE = 'MindBot. This message was sent by a machine.';

/** A letter as plain text: all that the markup says, in the same order. */
export function letterText({ subject, paragraphs, code, facts, link, footnote }: Letter): string {
  const blocks = [
    subject,
    ...paragraphs,
    ...(code === undefined ? [] : [`    ${code}`]),
    facts.map(([term, value]) => `${term}: ${value}`).join('\n'),
    ...(link === undefined ? [] : [`${link.words}:\n${link.url}`]),
    ...(footnote === undefined ? [] : [footnote]),
    SIGNATURE,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function factTable(facts: Letter['facts']): Html | null {
  const rows = facts.map(
    ([term, value]) => html`<tr><th scope="row" align="left">${term}</th><td>${value}</td></tr>`,
  );
  return facts.length === 0 ? null : html`<table>${rows}</table>`;
}

/** A letter as one HTML document: no picture, no script, nothing loaded; every value is escaped. */
export function letterHtml({ subject, paragraphs, code, facts, link, footnote }: Letter): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>${LETTER_STYLE}</head><body><main>
<h1>${subject}</h1>
${paragraphs.map((text) => html`<p>${text}</p>`)}
${code === undefined ? null : html`<p class="code"><code>${code}</code></p>`}
${factTable(facts)}
${link === undefined ? null : html`<p><a href="${link.url}">${link.words}</a></p>`}
${footnote === undefined ? null : html`<p class="faint">${footnote}</p>`}
<p class="faint">${SIGNATURE}</p>
</main></body></html>
`.text;
}

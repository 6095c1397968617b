import type { Response } from 'express';
import { Html, html } from '../../../shared/html.ts';

/** One column, readable from 320 px on, in the reader's own colour scheme. */
const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #14161a);
  --sheet: light-dark(#ffffff, #1f2329);
  --ink: light-dark(#1b1f24, #eceff3);
  --quiet: light-dark(#545c66, #aab3be);
  --line: light-dark(#7b8490, #7d8794);
  --main: light-dark(#4338ca, #a5b4fc);
  --on-main: light-dark(#ffffff, #14161a);
  --wrong: light-dark(#b00020, #ff9aa8);
  --notice: light-dark(#fff3c4, #3d3410);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
.notice { margin: 0; padding: .5rem 1rem; background: var(--notice); text-align: center; font-size: .875rem; }
main {
  max-width: 28rem; margin: 1rem auto; padding: 1.25rem; background: var(--sheet); border-radius: .75rem;
  overflow-wrap: anywhere;
}
h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.25; }
h2 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
a { color: var(--main); }
ul.items { margin: 0; padding: 0; list-style: none; }
ul.items li { display: flex; gap: 1rem; justify-content: space-between; padding: .375rem 0; }
ul.items li:has(form) { flex-wrap: wrap; align-items: center; padding: .75rem 0; border-top: 1px solid var(--line); }
ul.items form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 0; }
.total { display: flex; justify-content: space-between; border-top: 1px solid var(--line); padding-top: .5rem; font-weight: 700; }
fieldset { margin: 1.25rem 0 0; padding: 0; border: 0; }
legend { padding: 0; font-weight: 700; }
label { display: block; margin-top: .75rem; }
label.choice { display: flex; gap: .5rem; align-items: center; min-height: 2.75rem; margin: 0; }
input:not([type=radio]) {
  width: 100%; min-height: 2.75rem; margin-top: .25rem; padding: .5rem .625rem; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--sheet); color: inherit; font: inherit;
}
input[type=radio] { width: 1.25rem; height: 1.25rem; accent-color: var(--main); }
input[aria-invalid=true] { border: 2px solid var(--wrong); }
.pair { display: grid; gap: 0 .75rem; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
.wrong { margin: .25rem 0 0; color: var(--wrong); }
[role=alert] { margin: 0 0 1rem; padding: .75rem; border: 2px solid var(--wrong); border-radius: .5rem; }
.hint { margin: .75rem 0 0; color: var(--quiet); font-size: .875rem; }
button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: .5rem 1rem;
  border: 2px solid var(--main); border-radius: .5rem; background: var(--main); color: var(--on-main);
  font: inherit; font-weight: 700; cursor: pointer;
}
button.second { background: transparent; color: var(--main); }
.wide { width: 100%; margin-top: 1.25rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
form:has([value=card]:checked) .bank, form:has([value=us_bank_account]:checked) .card { display: none; }
`);

/** What a page's address answers: a document, or another address to go to. */
export type PageAnswer =
  | {
      readonly kind: 'page';
      readonly status: number;
      readonly title: string;
      readonly body: Html;
      readonly isFramed?: true;
    }
  | { readonly kind: 'redirect'; readonly to: string };

/** What a browser sent: text only, and the empty string for what it left out. */
export type Field = (name: string) => string;

export function page(title: string, body: Html, status = 200): PageAnswer {
  return { kind: 'page', status, title, body };
}

export function redirect(to: string): PageAnswer {
  return { kind: 'redirect', to };
}

export function notFoundPage(): PageAnswer {
  return page(
    'Page not found',
    html`<h1>Page not found</h1><p>This link is wrong, or no longer valid.</p>`,
    404,
  );
}

// No form-action: browsers apply it to the redirect back to the shop as well.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";

export function sendPage(response: Response, answer: PageAnswer): void {
  response.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  if (answer.kind === 'redirect') {
    response.redirect(303, answer.to);
    return;
  }
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${answer.title}</title>
<style>${STYLE}</style>
</head>
<body>
<p class="notice">Test mode. This page stands in for Stripe: no money moves, and only test numbers work.</p>
<main>${answer.body}</main>
</body>
</html>`;
  response
    .status(answer.status)
    .set({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': answer.isFramed ? POLICY : `${POLICY}; frame-ancestors 'none'`,
    })
    .send(document.text);
}

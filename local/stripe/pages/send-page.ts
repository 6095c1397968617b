import type { Response } from 'express';
import { type Html, html } from '../../../shared/html.ts';
import { STYLE } from './style.ts';

/** What a page's address answers: a document, or another address to go to. */
export type PageAnswer =
  | { readonly kind: 'page'; readonly status: number; readonly title: string; readonly body: Html }
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
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

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
    .set({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY })
    .send(document.text);
}

import { Html, html } from '../../shared/html.ts';
import type { StoredMessage } from './store.ts';

const STYLE = new Html(`<style>
:root { color-scheme: light dark; --ink: light-dark(#1d2328, #e8eaec); --faint: light-dark(#555e66, #a9b2ba);
  --line: light-dark(#dcdad3, #333a41); --link: light-dark(#17614f, #6fd0b5); }
* { box-sizing: border-box; }
body { max-width: 48rem; margin: 0 auto; padding: 1rem; color: var(--ink); background: light-dark(#fff, #1c2126);
  font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0 0 .3rem; font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { margin: 1.6rem 0 .4rem; font-size: 1.05rem; }
p { margin: .3rem 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.faint, dt { color: var(--faint); }
ul { margin: 1rem 0; padding: 0; list-style: none; border-bottom: 1px solid var(--line); }
li { padding: .6rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
li a { font-weight: 600; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem 1rem; margin: .6rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line);
  border-radius: .5rem; font: .9rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
iframe { width: 100%; height: 30rem; border: 1px solid var(--line); border-radius: .5rem; }
button { padding: .5rem .9rem; font: inherit; color: inherit; background: none; border: 1px solid var(--line);
  border-radius: .5rem; }
</style>`);

const utc = (timestamp: string) => `${timestamp.slice(0, 19).replace('T', ' ')} UTC`;

function page(title: string, content: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>${STYLE}</head><body><main>${content}</main></body></html>
`.text;
}

function entry({ id, subject, to, received_at, deliveries }: StoredMessage): Html {
  const repeated = deliveries > 1 ? html` · came ${deliveries} times` : null;
  return html`<li><a href="/messages/${id}">${subject}</a><br>
<span class="faint">To ${to} · <time datetime="${received_at}">${utc(received_at)}</time>${repeated}</span></li>`;
}

/** All messages, newest first. */
export function listPage(messages: readonly StoredMessage[]): string {
  const list =
    messages.length === 0
      ? html`<p>No message yet. They come here within seconds of a purchase, a gift or a refund.</p>`
      : html`<ul>${messages.map(entry)}</ul>
<form method="post" action="/clear"><button type="submit">Delete all</button></form>`;
  return page(
    `Mailbox (${messages.length})`,
    html`<h1>Mailbox</h1>
<p class="faint">What would have gone out by e-mail. Nothing leaves this machine.</p>
<p><a href="/">Look again</a></p>${list}`,
  );
}

/** One message: its markup in a frame that can run nothing and reach nothing, and its plain text. */
export function messagePage({ id, subject, from, to, received_at, message_id, text }: StoredMessage): string {
  return page(
    subject,
    html`<p><a href="/">All messages</a></p><h1>${subject}</h1>
<dl><dt>From</dt><dd>${from}</dd><dt>To</dt><dd>${to}</dd>
<dt>Date</dt><dd><time datetime="${received_at}">${utc(received_at)}</time></dd>
<dt>Message-ID</dt><dd>${message_id}</dd></dl>
<h2 id="as-html">As HTML</h2>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/messages/${id}/html" aria-labelledby="as-html"></iframe>
<h2>As plain text</h2><pre>${text}</pre>`,
  );
}

import { endWords, windowWords } from '../../shared/api/call-words.ts';
import type { Receipt } from '../../shared/api/receipts.ts';
import { Html, html } from '../../shared/html.ts';
import { money, shortDuration } from '../../shared/units.ts';

/** Of the printable receipt: readable on a phone, in the dark, and in black on white paper. */
const RECEIPT_STYLE = new Html(`<style>
:root { color-scheme: light dark; --ink: light-dark(#1d2328, #e8eaec); --faint: light-dark(#5d666e, #a3adb6);
  --line: light-dark(#dcdad3, #333a41); --billed: light-dark(#1f6f5c, #57c2a5); --free: light-dark(#c9c5ba, #4a535b); }
* { box-sizing: border-box; }
body { max-width: 44rem; margin: 0 auto; padding: 1rem; color: var(--ink); background: light-dark(#fff, #1c2126);
  font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0; font-size: 1.4rem; }
h2 { margin: 1.6rem 0 .4rem; font-size: 1.05rem; }
p { margin: .3rem 0; }
.faint, dt, th { color: var(--faint); font-weight: 400; }
dl { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .15rem 1rem; margin: .4rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
dd, td { font-variant-numeric: tabular-nums; }
.sum { font-size: 1.15rem; font-weight: 650; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .3rem .5rem .3rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
.number { width: 1%; padding-right: 1rem; text-align: right; white-space: nowrap; }
.what { width: 99%; }
svg { display: block; width: 100%; height: 1.4rem; }
.billed { fill: var(--billed); }
.free { fill: var(--free); }
section.card { padding: .4rem 0; border-top: 1px solid var(--line); }
code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
@media print {
  :root { color-scheme: light; }
  body { padding: 0; background: none; }
  rect { print-color-adjust: exact; }
  section, tr { break-inside: avoid; }
}
</style>`);

type Window = Receipt['windows'][number];
type Card = Receipt['cards'][number];

const SOURCES: Record<string, string> = {
  paid: 'bought',
  gift: 'gift',
  bonus: 'bonus',
  goodwill: 'goodwill',
  trial: 'free to try',
};
const BAR_WIDTH = 1000;
/** Nobody's own: the document is made where the reader's time zone is not known. */
const utc = (timestamp: string) => `${timestamp.slice(0, 19).replace('T', ' ')} UTC`;
/** Milliseconds since the call began, as `1:15.9`. */
const at = (ms: number) => `${Math.floor(ms / 60_000)}:${((ms % 60_000) / 1000).toFixed(1).padStart(4, '0')}`;
const duration = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${shortDuration(seconds)} (${seconds} s)`;
const fact = (term: string, value: string | Html) => html`<dt>${term}</dt><dd>${value}</dd>`;

function bar(windows: readonly Window[]): Html {
  const totalMs = Math.max(1, windows.at(-1)?.to_ms ?? 0);
  const x = (ms: number) => Math.round((ms / totalMs) * BAR_WIDTH);
  const billedMs = windows.reduce((sum, w) => sum + (w.billed ? w.to_ms - w.from_ms : 0), 0);
  const label = `${Math.round((billedMs / totalMs) * 100)} percent of the call was billed.`;
  return html`<svg viewBox="0 0 ${BAR_WIDTH} 10" preserveAspectRatio="none" role="img" aria-label="${label}">
${windows.map(
  (w) => html`<rect class="${w.billed ? 'billed' : 'free'}" x="${x(w.from_ms)}" y="0" height="10"
width="${Math.max(2, x(w.to_ms) - x(w.from_ms))}"><title>${windowWords(w.reason)}</title></rect>`,
)}</svg>`;
}

function timeOf({ windows, settled_by }: Receipt): Html {
  if (windows.length === 0) {
    const words =
      settled_by === 'reaper'
        ? 'Our side broke off, and what happened when is not known. Only what was reported until then counts.'
        : 'Nothing was recorded.';
    return html`<p>${words}</p>`;
  }
  const rows = windows.map(
    (w) => html`<tr><td class="number">${at(w.from_ms)}</td><td class="number">${at(w.to_ms)}</td>
<td class="what">${windowWords(w.reason)}</td><td>${w.billed ? 'billed' : 'free'}</td></tr>`,
  );
  return html`${bar(windows)}<table>
<thead><tr><th class="number">From</th><th class="number">To</th><th>What</th><th>Billed</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

function cardOf(card: Card): Html {
  const { tariff, expires_at } = card;
  const name = `${card.package_id ?? 'Time card'} (${SOURCES[card.source] ?? card.source})`;
  const price =
    tariff === null
      ? 'was not bought'
      : `${money(tariff.price_cents, tariff.currency, 'en')} for ${shortDuration(tariff.seconds)}`;
  return html`<section class="card"><strong>${name}</strong><dl>
${fact('Taken', `${card.seconds} s: ${card.paid_seconds} s paid, ${card.bonus_seconds} s bonus`)}
${fact('Left on it', duration(card.remaining_seconds))}${fact('Tariff', price)}
${fact('Valid until', expires_at === null ? 'does not expire' : utc(expires_at))}
${fact('Card', html`<code>${card.card_id}</code>`)}</dl></section>`;
}

function chargeOf(receipt: Receipt): Html {
  const { used_ms, restored_ms, charged_seconds, paid_seconds, bonus_seconds, slices } = receipt;
  return html`<dl>${fact('Billed', `${((used_ms - restored_ms) / 1000).toFixed(3)} s`)}
${fact('Given back', `${(restored_ms / 1000).toFixed(3)} s`)}
${fact('Rounding', receipt.rounding)}
${fact('Charged', html`<span class="sum">${duration(charged_seconds)}</span>`)}
${fact('Of that', `${paid_seconds} s paid, ${bonus_seconds} s bonus`)}
${fact('Reserved', `${slices.granted_seconds} s in all, by slices of at most ${slices.slice_seconds} s, ${slices.renewals === 1 ? 'in one step' : `in ${slices.renewals} steps`}`)}
${fact('Balance after', duration(receipt.balance_seconds))}</dl>`;
}

/** A receipt as one HTML document: no script, nothing loaded, fit for paper. */
export function receiptDocument(receipt: Receipt): string {
  const title = `Receipt no. ${receipt.number}`;
  const cards =
    receipt.cards.length === 0 ? html`<p>None: nothing was charged.</p>` : receipt.cards.map(cardOf);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>${RECEIPT_STYLE}</head><body><main>
<h1>${title}</h1><p class="faint">MindBot, call <code>${receipt.call_id}</code></p>
<dl>${fact('Began', utc(receipt.opened_at))}${fact('Ended', utc(receipt.ended_at))}
${fact('Why', endWords(receipt.end_reason))}</dl>
<h2>Time</h2>${timeOf(receipt)}
<h2>Charge</h2>${chargeOf(receipt)}
<h2>Cards</h2>${cards}
<h2>Proof</h2><dl>
${fact('Receipt before', html`<code>${receipt.previous_hash ?? 'none, this is the first'}</code>`)}
${fact('This receipt', html`<code>${receipt.hash}</code>`)}</dl>
<p class="faint">Each receipt holds the SHA-256 hash of the one before, so that none can be changed or left out
unnoticed.</p>
</main></body></html>
`.text;
}

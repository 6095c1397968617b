import { Html } from '../../shared/html.ts';

/** Of the printable receipt: readable on a phone, in the dark, and in black on white paper. */
export const RECEIPT_STYLE = new Html(`<style>
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

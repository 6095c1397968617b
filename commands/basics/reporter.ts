/** What people see of a run while it starts. Plain text, so that it can cross to the terminal that asked. */
export type Reporter = (line: string) => void;

export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

export const done = (label: string, tookMs: number, detail = '') =>
  `  ✓ ${label.padEnd(24)}${seconds(tookMs).padStart(7)}  ${detail}`.trimEnd();

export const note = (text: string) => `  · ${text}`;

export const problem = (text: string) => `  ✗ ${text}`;

export type Address = { label: string; url: string };

/** The addresses to open, in two columns. */
export function addressLines(addresses: readonly Address[]): string[] {
  const width = Math.max(...addresses.map(({ label }) => label.length));
  return addresses.map(({ label, url }) => `  ${label.padEnd(width)}   ${url}`);
}

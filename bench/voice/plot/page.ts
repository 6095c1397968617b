/** Text inside HTML or SVG. */
export const asText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** One HTML file with everything in it: charts one below the other, then the table. */
export function page(title: string, charts: readonly string[], table: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${asText(title)}</title>
<style>body{font-family:sans-serif;margin:24px;background:#f8fafc;color:#111}svg{border:1px solid #e5e7eb;margin:8px}
pre{overflow-x:auto;background:white;border:1px solid #e5e7eb;padding:12px;font-size:12px}</style></head>
<body><h1>${asText(title)}</h1>${charts.join('\n')}<pre>${asText(table)}</pre></body></html>
`;
}

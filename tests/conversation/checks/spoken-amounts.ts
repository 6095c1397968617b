export type Amount =
  | { kind: 'money'; cents: number; currency: string; text: string }
  /** `precisionSeconds`: of the smallest unit said. */
  | { kind: 'duration'; seconds: number; precisionSeconds: number; text: string }
  | { kind: 'percent'; value: number; text: string };

const SMALL = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const SCALES: Readonly<Record<string, number>> = { hundred: 100, thousand: 1000 };

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  sec: 1,
  minute: 60,
  min: 60,
  hour: 3600,
  hr: 3600,
  day: 86_400,
  week: 604_800,
  month: 2_592_000,
  year: 31_536_000,
};
const UNIT = `(?<unit>${Object.keys(UNIT_SECONDS).join('|')})s?\\b`;
const NUMBER = '\\d+(?:\\.\\d+)?';
const ANY_UNIT = `(?:${Object.keys(UNIT_SECONDS).join('|')}|percent|%|packages?|group)`;

const wordValue = (word: string): number | undefined => {
  const small = SMALL.indexOf(word);
  if (small >= 0) return small;
  const ten = TENS.indexOf(word);
  return ten >= 0 ? (ten + 2) * 10 : undefined;
};

/** Number words from one place on: how many, and what they come to. "Forty four ninety nine" are two numbers. */
function readNumber(words: readonly string[], at: number): { length: number; value: number } | undefined {
  let value: number | undefined;
  let last = Number.POSITIVE_INFINITY;
  let length = 0;
  for (const word of words.slice(at)) {
    const scale = SCALES[word];
    const own = wordValue(word);
    if (scale !== undefined && value !== undefined) {
      value *= scale;
      last = scale;
    } else if (own !== undefined && (value === undefined || (last >= 20 && last % 10 === 0 && own < last))) {
      value = (value ?? 0) + own;
      last = own;
    } else break;
    length++;
  }
  return value === undefined ? undefined : { length, value };
}

/** Lower case, and numbers in figures: "forty-four dollars" becomes "44 dollars". */
function inFigures(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/(\d),(?=\d{3}\b)/g, '$1')
    .replace(/([a-z])-(?=[a-z])/g, '$1 ')
    .replace(/(\d)-(?=[a-z])/g, '$1 ')
    .replace(/\bhalf an hour\b/g, '30 minutes')
    .replace(/\ba quarter of an hour\b/g, '15 minutes')
    .replace(/\ban hour and a half\b/g, '90 minutes')
    .replace(/\ban hour\b/g, '1 hour')
    .replace(/\ba hundred\b/g, 'one hundred')
    .replace(/\ba dollar\b/g, 'one dollar')
    .replace(/\bhours? and a half\b/g, '.5 hours')
    .split(/(?<=\s)/);
  const bare = words.map((word) => word.replace(/[^a-z]/g, ''));
  let figures = '';
  for (let at = 0; at < words.length; ) {
    const number = readNumber(bare, at);
    const tail = /[^a-z]*$/.exec(words[at + (number?.length ?? 1) - 1] ?? '')?.[0] ?? '';
    figures += number ? `${number.value}${tail}` : words[at];
    at += number?.length ?? 1;
  }
  return figures.replace(/(\d) and (?:a half|1 half) (?=hour|minute)/g, '$1.5 ').replace(/(\d) \.5/g, '$1.5');
}

const cents = (units: string | undefined, hundredths: string | undefined) =>
  Math.round(Number(units ?? 0) * 100) + Number(hundredths ?? 0);

const CURRENCIES: readonly [RegExp, string][] = [
  [/^(?:\$|us\$|dollars?|bucks?|usd|cents?|¢)$/, 'usd'],
  [/^(?:€|euros?|eur)$/, 'eur'],
  [/^(?:£|pounds?|gbp|pence)$/, 'gbp'],
];
const currencyOf = (name: string) => CURRENCIES.find(([names]) => names.test(name))?.[1] ?? name;

const MONEY: readonly RegExp[] = [
  new RegExp(`(?<currency>us\\$|\\$|€|£)\\s?(?<units>${NUMBER})`, 'g'),
  new RegExp(
    `(?<units>${NUMBER})\\s?(?<currency>(?:us )?dollars?|bucks?|usd|euros?|eur|pounds?|gbp)\\b` +
      `(?:,? (?:and )?(?<hundredths>\\d{1,2})(?: (?:cents?|pence)\\b|(?![\\d.]|\\s*${ANY_UNIT})))?`,
    'g',
  ),
  /(?<hundredths>\d+)\s?(?<currency>cents?|¢)/g,
  // "For 44 99": a price as people abbreviate it.
  new RegExp(
    `\\b(?:for|is|costs?|at|only|just|pay) (?<units>\\d{1,3}) (?<hundredths>\\d{2})(?![\\d.]|\\s*${ANY_UNIT})\\b`,
    'g',
  ),
  new RegExp(`(?<![\\d.])(?<units>\\d+\\.\\d{2})(?![\\d]|\\s*${ANY_UNIT})`, 'g'),
];

function takeMoney(text: string): { rest: string; amounts: Amount[] } {
  let rest = text;
  const amounts: Amount[] = [];
  for (const pattern of MONEY) {
    rest = rest.replace(pattern, (match, ...more) => {
      const groups = more.at(-1) as Record<string, string | undefined>;
      const currency = currencyOf((groups.currency ?? '$').replace(/^us /, ''));
      amounts.push({ kind: 'money', cents: cents(groups.units, groups.hundredths), currency, text: match });
      return ' ; ';
    });
  }
  return { rest, amounts };
}

function readDurations(text: string): Amount[] {
  const amounts: Extract<Amount, { kind: 'duration' }>[] = [];
  let end = -1;
  for (const match of text.matchAll(new RegExp(`(?<count>${NUMBER})\\s?${UNIT}`, 'g'))) {
    const unitSeconds = UNIT_SECONDS[match.groups?.unit ?? ''] ?? 1;
    const seconds = Number(match.groups?.count) * unitSeconds;
    const last = amounts.at(-1);
    const isMore =
      last && unitSeconds < last.precisionSeconds && /^,?\s*(?:and\s*)?$/.test(text.slice(end, match.index));
    if (last && isMore) {
      last.seconds += seconds;
      last.precisionSeconds = unitSeconds;
      last.text += ` ${match[0]}`;
    } else amounts.push({ kind: 'duration', seconds, precisionSeconds: unitSeconds, text: match[0] });
    end = match.index + match[0].length;
  }
  return amounts;
}

/** Every amount of money and time, and every percentage, that an English text says, in figures or in words. */
export function spokenAmounts(text: string): Amount[] {
  const { rest, amounts } = takeMoney(inFigures(text));
  const percents = [...rest.matchAll(new RegExp(`(?<value>${NUMBER})\\s?(?:%|percent)`, 'g'))].map(
    (match): Amount => ({ kind: 'percent', value: Number(match.groups?.value), text: match[0] }),
  );
  return [...amounts, ...readDurations(rest), ...percents];
}

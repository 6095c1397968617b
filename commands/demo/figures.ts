const WORDS: Readonly<Record<string, number>> = Object.fromEntries([
  ...'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, value): [string, number] => [word, value]),
  ...'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index): [string, number] => [word, (index + 2) * 10]),
]);

/**
 * The numbers in a transcript, in order, whether written as digits or as words: speech recognition does both.
 * @example figuresIn('five hours and 30 minutes for $44.99') // [5, 30, 44, 99]
 */
export function figuresIn(text: string): number[] {
  const figures: number[] = [];
  let open: number | undefined;
  const close = () => {
    if (open !== undefined) figures.push(open);
    open = undefined;
  };
  for (const token of text.toLowerCase().match(/\d+|[a-z]+/g) ?? []) {
    const value = WORDS[token];
    if (/^\d/.test(token)) {
      close();
      figures.push(Number(token));
    } else if (token === 'hundred') {
      open = (open ?? 1) * 100;
    } else if (value === undefined) {
      close();
    } else if (open !== undefined && (open % 100 === 0 ? open > 0 : open % 10 === 0 && value < 10)) {
      open += value;
    } else {
      close();
      open = value;
    }
  }
  close();
  return figures;
}

/** A spoken duration in seconds, or undefined when none is heard. */
export function secondsIn(text: string): number | undefined {
  const spelled = figuresInWords(text);
  const part = (unit: string) => Number(new RegExp(`(\\d+) ${unit}`).exec(spelled)?.[1] ?? Number.NaN);
  const [hours, minutes, seconds] = [part('hour'), part('minute'), part('second')];
  if ([hours, minutes, seconds].every(Number.isNaN)) return undefined;
  return (hours || 0) * 3600 + (minutes || 0) * 60 + (seconds || 0);
}

/** The text with its number words replaced by digits: "fifty-nine minutes" becomes "59 minutes". */
function figuresInWords(text: string): string {
  const numberWords = Object.keys(WORDS).concat('hundred').join('|');
  const run = new RegExp(`\\b(?:${numberWords})(?:[ -]+(?:${numberWords}))*\\b`, 'gi');
  return text.toLowerCase().replace(run, (words) => figuresIn(words).join(' '));
}

/** True when the wanted numbers occur one after the other. */
export function hasRun(figures: readonly number[], wanted: readonly number[]): boolean {
  return figures.some((_, start) => wanted.every((value, index) => figures[start + index] === value));
}

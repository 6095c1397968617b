const DAY_MS = 86_400_000;

/** A day from now, as the field for days writes it: where the buyer is. */
export function dayFromNow(days: number): string {
  return dayHere(new Date(Date.now() + days * DAY_MS));
}

/** A moment's day, where the reader is. */
export function dayHere(day: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
}

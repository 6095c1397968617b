import type { AnalyticsResponse } from '../../../shared/api/accounts.ts';

export interface UsageDay {
  /** YYYY-MM-DD, UTC */
  day: string;
  minutes: number;
}

const DAYS = 30;
const DAY_MS = 86_400_000;

/** The last 30 days up to today (UTC), oldest first; days that the answer leaves out had no calls. */
export function usageDays(days: AnalyticsResponse['days'], nowMs: number): UsageDay[] {
  const secondsByDay = new Map(days.map((entry) => [entry.day, entry.charged_seconds]));
  return Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(nowMs - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return { day, minutes: (secondsByDay.get(day) ?? 0) / 60 };
  });
}

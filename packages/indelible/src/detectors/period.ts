import { addDays, today } from '../trail/days.js';

/** A day of the calendar, or the Monday of a week. */
export function periodOf(ms: number, period: 'day' | 'week', timeZone: string): string {
  const day = today(ms, timeZone);
  if (period === 'day') return day;
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}

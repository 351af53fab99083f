const DAY_MS = 86_400_000;

/** A day so many days from today. */
export function dayFromToday(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}

/** A moment of such a day; of today, none that has not come yet. */
export function momentOn(days: number, time: string): string {
  const moment = new Date(`${dayFromToday(days)}T${time}:00.000Z`).getTime();
  return new Date(Math.min(moment, Date.now())).toISOString();
}

export function isWorkingDay(days: number): boolean {
  const weekday = new Date(Date.now() + days * DAY_MS).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

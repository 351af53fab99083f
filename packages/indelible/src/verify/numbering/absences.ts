const HOUR_MS = 3_600_000;

/** How many events are gone, hour by hour: a hole in the numbers of a process may be theirs. */
export class Absences {
  readonly #hours = new Map<number, number>();
  #total = 0;

  /** One more, that was recorded at a moment. */
  add(at: number): void {
    const hour = Math.floor(at / HOUR_MS);
    this.#hours.set(hour, (this.#hours.get(hour) ?? 0) + 1);
    this.#total += 1;
  }

  /** How many there are between two moments, give or take an hour. */
  between(from: number, to: number): number {
    const [first, last] = [Math.floor(from / HOUR_MS), Math.floor(to / HOUR_MS)];
    if (this.#total === 0) return 0;
    let sum = 0;
    if (last - first < this.#hours.size)
      for (let hour = first; hour <= last; hour += 1) sum += this.#hours.get(hour) ?? 0;
    else for (const [hour, count] of this.#hours) if (hour >= first && hour <= last) sum += count;
    return sum;
  }
}

/** How long reading one range of a document should take: what a killed worker loses. */
const TARGET_MS = 750;
const FIRST_UNITS = 4;
const MOST_UNITS = 64;

/** How many units of a document are read at once: as many as the last ones say fit the time. */
export class RangeSize {
  units = FIRST_UNITS;

  /** Learns from a range that was read. */
  learn(units: number, elapsedMs: number): void {
    const fitting = Math.floor((units * TARGET_MS) / Math.max(elapsedMs, 1));
    this.units = Math.min(Math.max(fitting, 1), this.units * 2, MOST_UNITS);
  }
}
